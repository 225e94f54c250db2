package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var r results
	for _, round := range []string{
		"goos: linux\ncpu: A fast one\nBenchmarkX/base-2  100  200 ns/op  3 allocs/op\nBenchmarkX/own_a-2  50  500 ns/op 2048 B/op\nPASS\n",
		"BenchmarkX/base-2  100  100 ns/op  3 allocs/op\nBenchmarkX/own_a-2  50  150 ns/op\n",
		"BenchmarkX/base-2  100  900 ns/op  3 allocs/op\n    x_test.go:12: BenchmarkX/own_a  50  1300 ns/op\n",
	} {
		require.NoError(t, r.add([]byte(round)))
	}
	made := table{
		rows: []row{{"base", "the baseline"}, {"own a", "ours"}},
		columns: []column{
			ratio("ns/op"), ratioOf("own a", "ratio of ours", "ns/op"), value("time", "ns/op", nanoseconds), over("over", "ns/op", inNanoseconds),
		},
	}
	text, err := made.filled(&r)
	require.NoError(t, err)
	assert.Equal(t, "| | ratio | ratio of ours | time | over |\n|---|---:|---:|---:|---:|\n"+
		"| the baseline | 1.00 | 1.50 | 200 ns | 0 ns |\n| ours | 1.50 | 1.00 | 500 ns | 300 ns |\n", text)
	assert.Equal(t, "A fast one", r.cpu)

	made.columns = []column{value("bytes", "B/op", kibibytes)}
	_, err = made.filled(&r)
	require.ErrorContains(t, err, "no B/op of base was measured")
	require.Error(t, r.add([]byte("PASS\n")))
	require.Error(t, r.add([]byte("BenchmarkX 1 many ns/op\n")))
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0.0310": places(0.031), "0.10": places(0.1), "12.35": places(12.35),
		"187 µs": nanoseconds(187_123), "9.12 ms": nanoseconds(9.123e6), "15.6 ms": nanoseconds(15.55e6), "21.6 ns": nanoseconds(21.57), "1,234 s": nanoseconds(1.2341e12),
		"1,576 ns": inNanoseconds(1576), "-1,200 ns": inNanoseconds(-1200), "0.4 s": seconds(0.42), "12,891 s": seconds(12891.4),
		"1.5 KiB": kibibytes(1536), "3.3 MiB": mebibytes(3.27), "1,000,000": grouped(1e6), "100": grouped(100),
	} {
		assert.Equal(t, want, got)
	}
}
