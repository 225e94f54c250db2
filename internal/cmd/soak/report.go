package main

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report writes what a run did and found, as Markdown.
func (s *soak) report(w io.Writer, command string) error {
	var b strings.Builder
	s.reportRun(&b, command)
	s.reportInvariants(&b)
	s.reportLevels(&b)
	s.reportOperations(&b)
	s.reportFaults(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *soak) reportRun(b *strings.Builder, command string) {
	writes, rows := s.ledger.counts()
	total := 0
	for _, site := range s.sites {
		total += int(site.requests.Load())
	}
	fmt.Fprintf(b, "# Soak\n\n")
	line(b, "Command", "`"+command+"`")
	line(b, "---", "---")
	line(b, "Seed", s.seed)
	line(b, "Duration", s.took.Round(time.Millisecond*100))
	line(b, "Go", fmt.Sprintf("%s %s/%s, %d CPUs%s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), race()))
	line(b, "Workers", s.workers)
	line(b, "Rounds", s.rounds)
	line(b, "Operations", s.ops.Load())
	line(b, "HTTP requests", total)
	line(b, "Connections made", s.connections)
	line(b, "Writes made", writes)
	line(b, "Writes found in the portals", rows)
	line(b, "Bytes searched for secrets", s.leaks.bytes.Load())
}

func (s *soak) reportInvariants(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Invariants\n\n")
	line(b, "What must not be", "Found")
	line(b, "---", "---:")
	for _, what := range invariants() {
		line(b, string(what), s.found.count(what))
	}
	if len(s.found.examples) == 0 {
		return
	}
	fmt.Fprintf(b, "\nExamples:\n\n")
	for _, example := range s.found.examples {
		fmt.Fprintf(b, "- %s\n", strings.Join(strings.Fields(example), " "))
	}
}

func (s *soak) reportLevels(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Levels\n\n")
	line(b, "When", "Goroutines", "Heap, KiB", "Connections", "Open files")
	line(b, "---", "---:", "---:", "---:", "---:")
	for _, at := range []struct {
		when string
		levels
	}{
		{"before all", s.idle},
		{"sites open, no request yet", s.opened},
		{"after the first round", s.first},
		{"highest after a round", s.most},
		{"after the last round", s.last},
		{"after all", s.ended},
	} {
		const kib = 1 << 10
		line(b, at.when, at.goroutines, at.heap/kib, at.conns, at.files)
	}
}

func (s *soak) reportOperations(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Operations and their outcomes\n\n")
	line(b, "Operation", "Done", "Refused", "Not sent", "Unknown")
	line(b, "---", "---:", "---:", "---:", "---:")
	for _, kind := range s.counts.kinds() {
		line(b, columns(kind, func(end string) int { return s.counts.of(kind, end) })...)
	}
	line(b, columns("all", s.counts.all)...)
}

func columns(kind string, count func(end string) int) []any {
	cells := []any{kind}
	for _, end := range ends() {
		cells = append(cells, count(end))
	}
	return cells
}

func (s *soak) reportFaults(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Faults\n\n")
	names := map[string]bool{}
	head, under := []any{"Fault"}, []any{"---"}
	for _, site := range s.sites {
		head, under = append(head, "Site "+site.name), append(under, "---:")
		for name := range site.spoil.counts {
			names[name] = true
		}
	}
	line(b, head...)
	line(b, under...)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		cells := []any{name}
		for _, site := range s.sites {
			cells = append(cells, site.spoil.counts[name])
		}
		line(b, cells...)
	}
}

// line writes a row of a table.
func line(b *strings.Builder, cells ...any) {
	for _, cell := range cells {
		fmt.Fprintf(b, "| %v ", cell)
	}
	b.WriteString("|\n")
}
