package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// The scripts ask the program itself for what may follow.
const (
	bashScript = `_ehdsgw_complete() {
  local word="${COMP_WORDS[COMP_CWORD]}" list
  if [[ "$word" == -* ]]; then
    list=$("${COMP_WORDS[@]:0:COMP_CWORD}" "$word" --generate-bash-completion 2>/dev/null)
  else
    list=$("${COMP_WORDS[@]:0:COMP_CWORD}" --generate-bash-completion 2>/dev/null)
  fi
  COMPREPLY=($(compgen -W "$list" -- "$word"))
}
complete -o bashdefault -o default -F _ehdsgw_complete ehdsgw
`
	zshScript = `#compdef ehdsgw
_ehdsgw() {
  local word="${words[CURRENT]}"
  local -a list
  if [[ "$word" == -* ]]; then
    list=("${(@f)$("${(@)words[1,CURRENT-1]}" "$word" --generate-bash-completion 2>/dev/null)}")
  else
    list=("${(@f)$("${(@)words[1,CURRENT-1]}" --generate-bash-completion 2>/dev/null)}")
  fi
  [[ -n "${list[1]}" ]] && compadd -- "${list[@]}" || _files
}
compdef _ehdsgw ehdsgw
`
)

func completionCommand() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print a shell completion script", ArgsUsage: "bash|zsh|fish",
		Description: "Examples:\n" +
			"  bash: source <(ehdsgw completion bash)\n" +
			"  zsh:  source <(ehdsgw completion zsh)\n" +
			"  fish: ehdsgw completion fish > ~/.config/fish/completions/ehdsgw.fish",
		Action: func(c *cli.Context) error {
			if err := exactly(c, "the shell"); err != nil {
				return err
			}
			script, err := "", error(nil)
			switch shell := c.Args().First(); shell {
			case "bash":
				script = bashScript
			case "zsh":
				script = zshScript
			case "fish":
				script, err = c.App.ToFishCompletion()
			default:
				return usage("%q is none of bash, zsh, fish", shell)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.App.Writer, script)
			return err
		},
	}
}
