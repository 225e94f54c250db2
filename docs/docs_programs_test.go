package docs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/b24test"
)

// programs are the blocks of a page that are a whole Go file.
func (p page) programs() []block {
	var found []block
	for _, b := range p.blocks("go") {
		if strings.HasPrefix(b.lines[0], "package ") {
			found = append(found, b)
		}
	}
	return found
}

// Whole programs work as they stand: a package main is run against a fake portal, and
// writes what the page shows as its output, if it shows any; a test passes.
func TestProgramsOfThePages(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	count := 0
	for _, p := range pages(t) {
		for _, b := range p.programs() {
			count++
			t.Run(fmt.Sprintf("%s:%d", p.name, b.line), func(t *testing.T) {
				t.Parallel()
				out := execute(t, b)
				if shown := p.blocks("text"); len(shown) > 0 && b.lines[0] == "package main" {
					assert.Equal(t, strings.Join(shown[0].lines, "\n"), strings.TrimSpace(out))
				}
			})
		}
	}
	assert.Positive(t, count)
}

// execute runs a program with the module of this directory.
func execute(t *testing.T, program block) (output string) {
	t.Helper()
	portal := b24test.NewPortal(t)
	file, command := "main.go", "run"
	if program.lines[0] != "package main" {
		file, command = "page_test.go", "test"
	}
	file = filepath.Join(t.TempDir(), file)
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(program.lines, "\n")+"\n"), 0o600))

	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), "go", command, file)
	cmd.Env = append(os.Environ(), "B24_WEBHOOK_URL="+portal.WebhookURL())
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s\n%s", out, stderr.String())
	return string(out)
}
