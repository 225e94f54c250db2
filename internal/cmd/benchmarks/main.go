// Command benchmarks measures every number of BENCHMARKS.md and prints them as
// tables. From the root of the module:
//
//	go run ./internal/cmd/benchmarks
//
// It takes some ten minutes. A benchmark is run several times beside its baseline,
// once each in turn; a ratio is that of the median times.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

// section is the measurements of one table.
type section struct {
	title string
	pkg   string
	bench string // which benchmarks; the first to run is the baseline
	tests string // which tests, that log rows of a table; empty: bench counts
	head  string // of the table of tests
	time  string // for each benchmark
	cpus  string
}

func sections() []section {
	return []section{
		{title: "One call", pkg: ".", bench: "^BenchmarkCall$", time: "2s"},
		{title: "The limits", pkg: "./internal/limit", bench: "^Benchmark(Bucket|Guard)$", time: "1s"},
		{title: "Masking", pkg: "./internal/redact", bench: "^BenchmarkText$", time: "1s"},
		{title: "Masking of hard texts", pkg: "./internal/redact", bench: "^BenchmarkTextLong$", time: "1s"},
		{title: "Batches: decoding", pkg: ".", bench: "^BenchmarkBatchDecode$", time: "1s"},
		{title: "Batches: encoding", pkg: ".", bench: "^BenchmarkBatchEncode$", time: "1s"},
		{title: "A million commands", pkg: ".", bench: "^BenchmarkStreamBatch$", time: "1x"},
		{title: "A million rows of 1 KB", pkg: ".", bench: "^BenchmarkListRows$", time: "1x", cpus: "1"},
		{
			title: "Ways to read a list", pkg: ".", tests: "^TestListCosts$",
			head: "| rows | way | requests | portal's time | operating time |\n|---|---|---|---|---|",
		},
		{
			title: "A million rows within the limits", pkg: ".", tests: "^TestAMillionRows$",
			head: "| rows | way | requests | portal's time | of the bound |\n|---|---|---|---|---|",
		},
	}
}

func run(ctx context.Context, args []string, out, usage io.Writer) error {
	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.SetOutput(usage)
	rounds := flags.Int("rounds", 5, "how often each benchmark is run")
	only := flags.String("only", "", "part of the title of the only section to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, s := range sections() {
		if !strings.Contains(s.title, *only) {
			continue
		}
		measure := s.table
		if s.tests != "" {
			measure = s.logged
		}
		table, err := measure(ctx, *rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		if _, err := fmt.Fprintf(out, "## %s\n\n%s\n", s.title, table); err != nil {
			return err
		}
	}
	return nil
}

// table runs benchmarks in turn, so that what slows the machine meets all of them.
func (s section) table(ctx context.Context, rounds int) (string, error) {
	dir, err := os.MkdirTemp("", "benchmarks")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	binary := filepath.Join(dir, "test")
	if _, err := output(ctx, "", nil, "go", "test", "-c", "-o", binary, s.pkg); err != nil {
		return "", err
	}
	args := []string{"-test.run=^$", "-test.benchmem", "-test.bench=" + s.bench, "-test.benchtime=" + s.time, "-test.timeout=30m"}
	if s.cpus != "" {
		args = append(args, "-test.cpu="+s.cpus)
	}
	var r results
	for range rounds {
		text, err := output(ctx, s.pkg, nil, binary, args...)
		if err != nil {
			return "", err
		}
		if err := r.add(text); err != nil {
			return "", err
		}
	}
	return r.table(), nil
}

// logged runs tests that log their results as rows of a table.
func (s section) logged(ctx context.Context, _ int) (string, error) {
	text, err := output(ctx, "", []string{"B24_ROWS=100000,1000000"}, "go", "test", "-count=1", "-v", "-timeout=30m", "-run", s.tests, s.pkg)
	if err != nil {
		return "", err
	}
	var rows []string
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if _, row, found := strings.Cut(lines.Text(), ".go:"); found {
			_, row, _ = strings.Cut(row, ": ")
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return s.head + "\n" + strings.Join(rows, "\n") + "\n", nil
}

// output runs a command; where it fails, the error has what it said.
func output(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // G204: go, and what it built
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s%s", filepath.Base(name), err, text, stderr.Bytes())
	}
	return text, nil
}
