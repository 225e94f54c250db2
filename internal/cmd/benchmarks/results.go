package main

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// results are the measured values of benchmarks.
type results struct {
	// values are by name and unit, one per round.
	values map[[2]string][]float64
	cpu    string
}

// add parses the output of one round.
func (r *results) add(output []byte) error {
	if r.values == nil {
		r.values = map[[2]string][]float64{}
	}
	found := false
	for lines := bufio.NewScanner(bytes.NewReader(output)); lines.Scan(); {
		line := lines.Text()
		if cpu, ok := strings.CutPrefix(line, "cpu: "); ok {
			r.cpu = cpu
		}
		if _, logged, ok := strings.Cut(line, "_test.go:"); ok { // logged by a test: "    x_test.go:12: BenchmarkX ..."
			_, line, _ = strings.Cut(logged, ": ")
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		found = true
		if err := r.line(fields); err != nil {
			return fmt.Errorf("%q: %w", line, err)
		}
	}
	if !found {
		return fmt.Errorf("no benchmark in %q", output)
	}
	return nil
}

// line parses "BenchmarkName-2 runs value unit value unit ...".
func (r *results) line(fields []string) error {
	name := nameOf(fields[0])
	for i := 2; i+1 < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return err
		}
		key := [2]string{name, fields[i+1]}
		r.values[key] = append(r.values[key], v)
	}
	return nil
}

// nameOf removes "BenchmarkX/", and the "-2" for the processors.
func nameOf(full string) string {
	_, name, _ := strings.Cut(full, "/")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			name = name[:i]
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}

// median returns the median of a benchmark's values in a unit.
func (r *results) median(name, unit string) (float64, error) {
	sorted := slices.Sorted(slices.Values(r.values[[2]string{name, unit}]))
	if len(sorted) == 0 {
		return 0, fmt.Errorf("no %s of %s was measured", unit, name)
	}
	return sorted[len(sorted)/2], nil
}

// medianRatio returns the median of the ratios of two values of the same round.
func (r *results) medianRatio(a, b [2]string) (float64, error) {
	left, right := r.values[a], r.values[b]
	if len(left) == 0 || len(left) != len(right) {
		return 0, fmt.Errorf("%s of %s was measured %d times, %s of %s %d times", a[1], a[0], len(left), b[1], b[0], len(right))
	}
	each := make([]float64, len(left))
	for i := range left {
		each[i] = left[i] / right[i]
	}
	slices.Sort(each)
	return each[len(each)/2], nil
}
