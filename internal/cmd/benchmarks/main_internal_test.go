package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outline is the titles and the heads of the tables of a report.
func outline(report string) (lines []string) {
	inTable := false
	for line := range strings.Lines(report) {
		row := strings.HasPrefix(line, "|")
		if strings.HasPrefix(line, "#") || row && !inTable {
			lines = append(lines, strings.TrimSpace(line))
		}
		inTable = row
	}
	return lines
}

// BENCHMARKS.md is what the command writes, whatever the numbers.
func TestReportIsTheCommands(t *testing.T) {
	t.Parallel()
	report, err := os.ReadFile("../../../BENCHMARKS.md")
	require.NoError(t, err)
	head, parts := split(text)
	want, used := []string{head}, 0
	for _, part := range parts {
		filled, err := fill(part, func(t table) (string, error) {
			used++
			return t.head(), nil
		})
		require.NoError(t, err)
		want = append(want, filled)
	}
	assert.Equal(t, outline(strings.Join(want, "")), outline(string(report)))
	assert.Equal(t, len(tables()), used, "tables that text.md does not call")
	assert.Contains(t, head, "{{machine}}")
	assert.Contains(t, head, "{{rounds}}")
	for name, of := range tables() {
		assert.True(t, strings.HasPrefix(of.columns[0].head, "ratio"), name)
	}
	_, err = fill("{{no such table}}\n", nil)
	require.Error(t, err)
}

func TestTablesNameWhatThereIs(t *testing.T) {
	t.Parallel()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark)\w+)\(`)
	for name, of := range tables() {
		files, err := filepath.Glob(filepath.Join("../../..", of.of.pkg, "*_test.go"))
		require.NoError(t, err)
		wanted, found := regexp.MustCompile(of.of.bench+of.of.test), false
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, name := range declared.FindAllSubmatch(source, -1) {
				found = found || wanted.Match(name[1])
			}
		}
		assert.True(t, found, name)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	report := func(name, own, other string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte("# B\n\n## One\n\n| | ratio | time |\n|---|---:|---:|\n| base | 1.00 | 7 ns |\n| own | "+own+
			" | 9 ns |\n\n| | ratio to it |\n|---|---:|\n"+other), 0o600))
		return file
	}
	old := report("old.md", "1.50", "| x | 0.0310 |\n")
	for _, test := range []struct{ name, own, other, out, err string }{
		{"same.md", "1.64", "| x | 0.0300 |\n", "3 ratios, none differs by more than 10 %\n", ""},
		{"slower.md", "1.66", "| x | 0.0310 |\n", "One, table 1, own, ratio: 1.5, then 1.66\n", "of 3 ratios 1 differ by more than 10 %, and 0 are gone"},
		{"renamed.md", "1.50", "| y | 0.0310 |\n", "One, table 2, y, ratio to it: none, then 0.031\n", "of 3 ratios 1 differ by more than 10 %, and 1 are gone"},
		{"gone.md", "1.50", "", "", "of 2 ratios 0 differ by more than 10 %, and 1 are gone"},
	} {
		var out strings.Builder
		err := run(t.Context(), []string{"-compare", old, report(test.name, test.own, test.other)}, &out, io.Discard)
		assert.Equal(t, test.out, out.String())
		if test.err == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, test.err)
		}
	}
	require.ErrorIs(t, run(t.Context(), []string{"-compare", old, filepath.Join(dir, "none.md")}, io.Discard, io.Discard), os.ErrNotExist)
}

func TestArgumentsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-no-such-flag"}, {"-compare", "old.md"}, {"new.md"}, {"-only", "Masking", "-report", "x.md"}} {
		require.Error(t, run(t.Context(), args, io.Discard, io.Discard), args)
	}
	_, err := output(t.Context(), "", nil, "go", "no-such-command")
	require.ErrorContains(t, err, "no-such-command")
}
