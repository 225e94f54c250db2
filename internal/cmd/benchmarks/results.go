package main

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// results are what benchmarks measured, in the order they ran first.
type results struct {
	names []string
	units []string
	// values are by name and unit, one of each round.
	values map[[2]string][]float64
}

// add takes the output of one round.
func (r *results) add(output []byte) error {
	if r.values == nil {
		r.values = map[[2]string][]float64{}
	}
	found := false
	for lines := bufio.NewScanner(bytes.NewReader(output)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		found = true
		if err := r.line(fields); err != nil {
			return fmt.Errorf("%q: %w", lines.Text(), err)
		}
	}
	if !found {
		return fmt.Errorf("no benchmark in %q", output)
	}
	return nil
}

// line takes "BenchmarkName-2 runs value unit value unit ...".
func (r *results) line(fields []string) error {
	name := nameOf(fields[0])
	if !slices.Contains(r.names, name) {
		r.names = append(r.names, name)
	}
	for i := 2; i+1 < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return err
		}
		unit := fields[i+1]
		if !slices.Contains(r.units, unit) {
			r.units = append(r.units, unit)
		}
		key := [2]string{name, unit}
		r.values[key] = append(r.values[key], v)
	}
	return nil
}

// nameOf takes off what all names have: "Benchmark", and "-2" for the processors.
func nameOf(full string) string {
	name := strings.TrimPrefix(full, "Benchmark")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			name = name[:i]
		}
	}
	return name
}

// table has a row for each benchmark, and how its time compares with that of the
// first.
func (r *results) table() string {
	var b strings.Builder
	unit := r.time()
	fmt.Fprintf(&b, "| | ratio | %s |\n|---|---|%s\n", strings.Join(r.units, " | "), strings.Repeat("---|", len(r.units)))
	base, _ := median(r.values[[2]string{r.names[0], unit}])
	for _, name := range r.names {
		own, _ := median(r.values[[2]string{name, unit}])
		fmt.Fprintf(&b, "| %s | %.2f |", name, own/base)
		for _, unit := range r.units {
			cell := ""
			if v, ok := median(r.values[[2]string{name, unit}]); ok {
				cell = strconv.FormatFloat(v, 'g', 4, 64)
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// time is the unit that ratios are of.
func (r *results) time() string {
	if slices.Contains(r.units, "ns/row") {
		return "ns/row"
	}
	return "ns/op"
}

func median(values []float64) (m float64, ok bool) {
	if len(values) == 0 {
		return 0, false
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2], true
}
