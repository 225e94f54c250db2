// Command benchmarks measures every number of BENCHMARKS.md. From the root of the module, on an
// otherwise idle machine:
//
//	go run ./internal/cmd/benchmarks -report BENCHMARKS.md
//
// It takes about twenty minutes. A benchmark and its baseline run several times, alternating; a
// ratio is the median of the ratios of the rounds. The text between the tables is in text.md. Parts
// of the work are done by
//
//	go run ./internal/cmd/benchmarks -only Masking
//	go run ./internal/cmd/benchmarks -compare old.md BENCHMARKS.md
//
// The first measures the sections whose titles contain that word and prints them; the second
// measures nothing: it prints which ratios of two reports differ by more than 10 %, and fails if
// any does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
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

// run prints the report to out, and its progress to progress.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	flags.SetOutput(progress)
	rounds := flags.Int("rounds", 7, "how often each benchmark is run")
	only := flags.String("only", "", "part of the title of the only sections to measure")
	report := flags.String("report", "", "file to write all sections to, instead of printing them")
	old := flags.String("compare", "", "report to compare with the one named behind; nothing is measured")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *old != "" && flags.NArg() == 1:
		return compareFiles(out, *old, flags.Arg(0))
	case *old != "" || flags.NArg() > 0:
		return errors.New("-compare takes two reports: -compare old.md BENCHMARKS.md")
	case *only != "" && *report != "":
		return errors.New("a report has all sections: give -only or -report")
	}
	m := measurer{rounds: *rounds, progress: progress, done: map[measurement]*results{}}
	text, err := m.write(ctx, *only)
	if err != nil {
		return err
	}
	if *report == "" {
		_, err = io.WriteString(out, text)
		return err
	}
	const readable = 0o644
	return os.WriteFile(*report, []byte(text), readable)
}

// write measures what the sections with only in their titles need, and fills their tables. Only a
// full report has the head before the first section.
func (m *measurer) write(ctx context.Context, only string) (string, error) {
	head, parts := split(text)
	var b strings.Builder
	for _, part := range parts {
		title, _, _ := strings.Cut(part, "\n")
		if !strings.Contains(title, only) {
			continue
		}
		filled, err := fill(part, func(t table) (string, error) {
			r, err := m.measure(ctx, t.of)
			if err != nil {
				return "", err
			}
			return t.filled(r)
		})
		if err != nil {
			return "", fmt.Errorf("%s: %w", strings.TrimPrefix(title, "## "), err)
		}
		b.WriteString(filled)
	}
	if only != "" {
		return b.String(), nil
	}
	return strings.NewReplacer("{{machine}}", m.machine(), "{{rounds}}", strconv.Itoa(m.rounds)).Replace(head) + b.String(), nil
}
