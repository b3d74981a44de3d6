#compdef accrue
# zsh completion for accrue
_accrue() {
    local -a lines offers
    local line
    lines=("${(@f)$($words[1] __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    for line in "${(@)lines[2,-1]}"; do
        # A colon would end the value; what it is about stands behind one.
        offers+=("${${line%%$'\t'*}//:/\\:}${${(M)line%%$'\t'*}/$'\t'/:}")
    done
    (( $#offers )) && _describe -V accrue offers
    case $lines[1] in
        files) compset -P '--*='; _files ;;
        directories) compset -P '--*='; _path_files -/ ;;
    esac
}
if [[ $funcstack[1] == _accrue ]]; then _accrue "$@"; else compdef _accrue accrue; fi
