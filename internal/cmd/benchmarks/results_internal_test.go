package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var r results
	for _, round := range []string{
		"goos: linux\nBenchmarkX/base-2  100  200 ns/op  3 allocs/op\nBenchmarkX/own-a-2  50  500 ns/op\nPASS\n",
		"BenchmarkX/base-2  100  100 ns/op  3 allocs/op\nBenchmarkX/own-a-2  50  150 ns/op\n",
		"BenchmarkX/base-2  100  900 ns/op  3 allocs/op\nBenchmarkX/own-a-2  50  300 ns/op\n",
	} {
		require.NoError(t, r.add([]byte(round)))
	}
	assert.Equal(t, "| | ratio | ns/op | allocs/op |\n|---|---|---|---|\n| X/base | 1.00 | 200 | 3 |\n| X/own-a | 1.50 | 300 |  |\n", r.table())
	require.Error(t, r.add([]byte("PASS\n")))
	require.Error(t, r.add([]byte("BenchmarkX 1 many ns/op\n")))
}

func TestSectionsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Benchmark)\w+)\(`)
	for _, s := range sections() {
		files, err := filepath.Glob(filepath.Join("../../..", s.pkg, "*_test.go"))
		require.NoError(t, err)
		wanted, found := regexp.MustCompile(s.bench+s.tests), false
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, name := range declared.FindAllSubmatch(source, -1) {
				found = found || wanted.Match(name[1])
			}
		}
		assert.True(t, found, s.title)
	}
}

func TestCommandThatFails(t *testing.T) {
	t.Parallel()
	_, err := output(t.Context(), "", nil, "go", "no-such-command")
	require.ErrorContains(t, err, "no-such-command")
	require.Error(t, run(t.Context(), []string{"-no-such-flag"}, io.Discard, io.Discard))
}
