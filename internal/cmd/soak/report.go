package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Explanations of the tables for readers who did not write them.
const (
	aboutRun = `A mixed load through the client against fake portals on loopback that fail on purpose. Each write carries a marker of its
own and no caller repeats one, so after each round what callers were told can be compared with the rows that the portals hold.

There are more writes made than found, as expected: many were refused by a fault or never sent, because they were
canceled, stood behind a failed command or met a closed client. What counts is that each was found as its caller was told: the
invariants below.
`
	aboutOutcomes = "Done: the operation ended without an error. The other columns are `b24.OutcomeOf` of the error. Refused: the portal did not execute it.\n" +
		"Not sent: nothing was sent for it, or its batch was halted before it. Unknown: the portal may have executed it, the answer was\n" +
		"lost; a list or a batch counts as its error says. The commands of batches are counted once more in their own row, which is not part of all.\n"
	aboutFaults = `How often each fault was played. The three sites are one portal each: "open" has no limit of its own but pretends to, at random;
"limited" has the real limit of requests; "renamed" has moved to another name again and again. ", ran" and "after" say that the
call was executed and only its answer was spoiled; "command" says that it met one command of a batch.
`
)

// revision returns git's description of the source in the working directory, or "" if there is
// none.
func revision(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

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
	fmt.Fprintf(b, "# Soak\n\n%s\n", aboutRun)
	line(b, "Command", "`"+command+"`")
	line(b, "---", "---")
	line(b, "Revision", s.revision)
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
	fmt.Fprintf(b, "\n## Operations and their outcomes\n\n%s\n", aboutOutcomes)
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
	fmt.Fprintf(b, "\n## Faults\n\n%s\n", aboutFaults)
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
