# bash completion for accrue; works in bash 3.2 and newer
_accrue() {
    local IFS=$'\n' current=${COMP_WORDS[COMP_CWORD]} kind='' line value
    local -a paths
    [[ $current == '=' ]] && current=''
    COMPREPLY=()
    while read -r line; do
        value=${line%%$'\t'*}
        if [[ -z $kind ]]; then
            kind=$line
        else
            printf -v value '%q' "$value"
            COMPREPLY+=("$value")
        fi
    done < <("$1" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case $kind in
        files) paths=($(compgen -f -- "$current")) ;;
        directories) paths=($(compgen -d -- "$current")) ;;
        *) return ;;
    esac
    compopt -o filenames 2>/dev/null
    COMPREPLY+=("${paths[@]}")
}
complete -o nosort -F _accrue accrue 2>/dev/null || complete -F _accrue accrue
