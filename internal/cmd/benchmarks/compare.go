package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
)

// apart is how much two ratios may differ.
const apart = 0.1

// compareFiles prints which ratios of two reports differ by more than 10 %.
func compareFiles(out io.Writer, before, after string) error {
	var found [2]map[string]float64
	var order []string
	for i, name := range []string{before, after} {
		report, err := os.ReadFile(name) //nolint:gosec // G304: the path is the caller's own
		if err != nil {
			return err
		}
		found[i], order = ratios(string(report))
	}
	differ := 0
	for _, name := range order {
		now := found[1][name]
		was, ok := found[0][name]
		text := strconv.FormatFloat(was, 'g', -1, 64)
		if !ok {
			text = "none"
		}
		if ok && math.Abs(now-was) <= apart*was {
			continue
		}
		differ++
		if _, err := fmt.Fprintf(out, "%s: %s, then %v\n", name, text, now); err != nil {
			return err
		}
	}
	gone := 0
	for name := range found[0] {
		if _, ok := found[1][name]; !ok {
			gone++
		}
	}
	if differ+gone > 0 || len(order) == 0 {
		return fmt.Errorf("of %d ratios %d differ by more than 10 %%, and %d are gone", len(order), differ, gone)
	}
	_, err := fmt.Fprintf(out, "%d ratios, none differs by more than 10 %%\n", len(order))
	return err
}

// ratios returns the cells in a report's ratio columns by their position, and their order.
func ratios(report string) (found map[string]float64, order []string) {
	found = map[string]float64{}
	title, tables := "", 0
	var heads []string
	for line := range strings.Lines(report) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "## "); ok {
			title, tables = rest, 0
		}
		if !strings.HasPrefix(line, "|") {
			heads = nil
			continue
		}
		cells := cellsOf(line)
		if heads == nil {
			heads = cells
			tables++
			continue
		}
		for i, cell := range cells[:min(len(cells), len(heads))] {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil || !strings.HasPrefix(heads[i], "ratio") {
				continue
			}
			name := fmt.Sprintf("%s, table %d, %s, %s", title, tables, cells[0], heads[i])
			found[name], order = v, append(order, name)
		}
	}
	return found, order
}

func cellsOf(line string) []string {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}
