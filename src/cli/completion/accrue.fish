# fish completion for accrue
function __accrue_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
    set -q lines[2]; and printf '%s\n' $lines[2..-1]
    set -l option (string match -r -- '^--[^=]*=' "$current")
    set -l path (string replace -r -- '^--[^=]*=' '' "$current")
    switch "$lines[1]"
        case files
            printf "$option%s\n" (__fish_complete_path $path)
        case directories
            printf "$option%s\n" (__fish_complete_directories $path)
    end
end
complete -c accrue -f -k -a '(__accrue_complete)'
