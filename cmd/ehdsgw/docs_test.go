package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestReadme runs the commands of the README that are marked for it, in one empty directory, in
// order: fenced sh blocks after a line "<!-- test -->". Lines of other programs are left to the
// reader; a comment "# long" leaves a line out, "# exit N" says how it ends.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := markedBlocks(string(raw))
	if len(blocks) == 0 {
		t.Fatal("README.md marks no block with <!-- test -->: its commands would rot unseen")
	}
	script, err := scriptOf(blocks)
	if err != nil {
		t.Fatal(err)
	}
	runScript(t, script)
}

// TestReadmeReader holds the reader of marked blocks to its rules, on a text of our own.
func TestReadmeReader(t *testing.T) {
	text := "# T\n```sh\nehdsgw unmarked\n```\n<!-- test -->\n\n```sh\n$ ehdsgw version   # prints it\nmake build\n" +
		"bin/ehdsgw init \"my hub\" \\\n  --development\ngo run ./cmd/ehdsgw demo # long\n# only a comment\n" +
		"ehdsgw config check my\\ hub/ehdsgw.yaml  # exit 2\nehdsgw version --output json > 'v # 1.json'\n```\n<!-- test -->\ntext\n```sh\nehdsgw too-far\n```\n"
	script, err := scriptOf(markedBlocks(text))
	if err != nil {
		t.Fatal(err)
	}
	want := "code 0 'ehdsgw' 'version'\n" +
		"code 0 'ehdsgw' 'init' 'my hub' '--development'\n" +
		"code 2 'ehdsgw' 'config' 'check' 'my hub/ehdsgw.yaml'\n" +
		"code 0 'ehdsgw' 'version' '--output' 'json'\ncp stdout 'v # 1.json'\n"
	if script != want {
		t.Errorf("got\n%swant\n%s", script, want)
	}
	runScript(t, script)
	for _, bad := range []string{"ehdsgw version | head", "ehdsgw version && true", "ehdsgw desk list $X", "ehdsgw 'open", "ehdsgw version >", "ehdsgw version 2>&1"} {
		if _, err := scriptOf([]string{bad}); err == nil {
			t.Errorf("%q was read as a plain command", bad)
		}
	}
}

func runScript(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "readme.txtar"), []byte(script))
	testscript.Run(t, testscript.Params{Dir: dir, Cmds: scriptCommands(), Setup: func(e *testscript.Env) error {
		quickExit(e)
		return nil
	}})
}

var markedBlock = regexp.MustCompile("(?m)^<!-- test -->[ \t]*\n(?:[ \t]*\n)*```sh\n((?s:.*?))^```[ \t]*$")

func markedBlocks(text string) []string {
	var out []string
	for _, m := range markedBlock.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// ours matches how the README calls this program.
var ours = regexp.MustCompile(`^(\$ )?(ehdsgw|bin/ehdsgw|\./ehdsgw|go run \./cmd/ehdsgw)( |$)`)

var exitComment = regexp.MustCompile(`^exit (\d)\b`)

// scriptOf turns marked blocks into a test script.
func scriptOf(blocks []string) (string, error) {
	var b strings.Builder
	for _, block := range blocks {
		for _, line := range strings.Split(strings.ReplaceAll(block, "\\\n", " "), "\n") {
			line = strings.TrimSpace(line)
			name := ours.FindString(line)
			if name == "" {
				continue
			}
			words, to, comment, err := shellWords(strings.TrimPrefix(line, name))
			if err != nil {
				return "", fmt.Errorf("%s: %w", line, err)
			}
			if strings.HasPrefix(comment, "long") {
				continue
			}
			code := "0"
			if m := exitComment.FindStringSubmatch(comment); m != nil {
				code = m[1]
			}
			b.WriteString("code " + code + " 'ehdsgw'")
			for _, w := range words {
				b.WriteString(" " + quote(w))
			}
			b.WriteByte('\n')
			if to != "" {
				b.WriteString("cp stdout " + quote(to) + "\n")
			}
		}
	}
	return b.String(), nil
}

// quote writes a word as test scripts read it.
func quote(w string) string { return "'" + strings.ReplaceAll(w, "'", "''") + "'" }

// shellWords splits one plain command: words, quotes, backslashes, a comment, and "> FILE". Whatever
// needs a real shell is an error, so that the README is never half tested.
func shellWords(s string) (words []string, to, comment string, err error) {
	var word strings.Builder
	inWord, redirect := false, false
	end := func() {
		if !inWord {
			return
		}
		if redirect {
			to, redirect = word.String(), false
		} else {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t':
			end()
		case '#':
			if !inWord {
				return words, to, strings.TrimSpace(s[i+1:]), open(redirect)
			}
			word.WriteByte(c)
		case '\'', '"':
			n := strings.IndexByte(s[i+1:], c)
			if n < 0 || c == '"' && strings.ContainsAny(s[i+1:i+1+n], "$`\\") {
				return nil, "", "", fmt.Errorf("a quote this test does not read")
			}
			word.WriteString(s[i+1 : i+1+n])
			inWord, i = true, i+1+n
		case '\\':
			if i+1 < len(s) {
				i++
				word.WriteByte(s[i])
				inWord = true
			}
		case '>':
			if inWord || redirect {
				return nil, "", "", fmt.Errorf("a redirection this test does not read")
			}
			redirect = true
		case '|', '&', ';', '$', '`', '<', '(', ')', '*', '?':
			return nil, "", "", fmt.Errorf("%q needs a shell", c)
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	end()
	return words, to, "", open(redirect)
}

func open(redirect bool) error {
	if redirect {
		return fmt.Errorf("a redirection to nowhere")
	}
	return nil
}
