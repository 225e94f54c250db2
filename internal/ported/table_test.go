package ported_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// page is what is known of a page with a program.
type page struct {
	official int    // lines of the program on the page, with its main and what it prints
	wrong    string // what porting it found
}

// pages returns the pages by the file of the program here.
func pages() map[string]page {
	return map[string]page{
		"client_address.go":     {official: 291},
		"company_requisite.go":  {official: 257, wrong: "fake: crm.address.fields was unknown"},
		"contact_meeting.go":    {official: 148},
		"contact_requisite.go":  {official: 256},
		"deal_activities.go":    {official: 269},
		"deal_funnels.go":       {official: 88},
		"deal_products.go":      {official: 311},
		"duplicates.go":         {official: 237, wrong: "fake: crm.item.list lacked a selected phone and email"},
		"field_precision.go":    {official: 156, wrong: "fake: crm.deal.userfield.list told the numbers in settings as text"},
		"item_comment.go":       {official: 165},
		"lead_form.go":          {official: 225, wrong: "fake: the second contact of a new item replaced the first"},
		"order_items.go":        {official: 203},
		"product_files.go":      {official: 326, wrong: "fake: a list with one file left a property of one file empty"},
		"stage_deals.go":        {official: 237},
		"task_file.go":          {official: 92},
		"task_item.go":          {official: 257},
		"workflow_dismissed.go": {official: 155},
		"workflow_old.go":       {official: 124},
	}
}

// source is a file of the package.
type source struct {
	lines, checks, imports, handlers int
	shared                           int // lines of the other files that it needs
	declares, uses                   map[string]bool
}

// Every program has a page, a line in the package comment and a test, and runs on the fake portal
// without a handler of its own. With -v, it logs the table.
func TestPrograms(t *testing.T) {
	t.Parallel()
	files := readAll(t)
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	table := []string{"", "| program | lines | of shared files | official Go tab | `err != nil` | imports | handlers | found wrong |", "|---|---|---|---|---|---|---|---|"}
	known := pages()
	for _, name := range slices.Sorted(maps.Keys(known)) {
		program, test := files[name], files[strings.TrimSuffix(name, ".go")+"_test.go"]
		require.NotNil(t, program, name)
		require.NotNil(t, test, name)
		assert.Zero(t, test.handlers, "%s: a program must run on the portal as it is", name)
		assert.Less(t, program.lines+program.shared, known[name].official, name)
		assert.Contains(t, string(doc), "\t"+name+" ")
		table = append(table, fmt.Sprintf("| `%s` | %d | %d | %d | %d | %d | %d | %s |", name, program.lines, program.shared,
			known[name].official, program.checks, program.imports, test.handlers, known[name].wrong))
	}
	t.Log(strings.Join(table, "\n"))
}

// readAll reads the files of the package.
func readAll(t *testing.T) map[string]*source {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files := map[string]*source{}
	for _, name := range names {
		files[name] = read(t, name)
	}
	for name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			files[name].shared = shared(files, name, map[string]bool{name: true})
		}
	}
	return files
}

// read reads one file.
func read(t *testing.T, name string) *source {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, 0)
	require.NoError(t, err)
	s := &source{lines: strings.Count(string(text), "\n"), imports: len(file.Imports), declares: map[string]bool{}, uses: map[string]bool{}}
	for _, object := range file.Scope.Objects {
		s.declares[object.Name] = true
	}
	for _, name := range file.Unresolved {
		s.uses[name.Name] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if n.Sel.Name == "Handle" {
				s.handlers++
			}
		case *ast.BinaryExpr:
			left, _ := n.X.(*ast.Ident)
			right, _ := n.Y.(*ast.Ident)
			if left != nil && right != nil && left.Name == "err" && n.Op == token.NEQ && right.Name == "nil" {
				s.checks++
			}
		}
		return true
	})
	return s
}

// shared returns the lines of the files that a file needs, except those that were counted.
func shared(files map[string]*source, name string, counted map[string]bool) int {
	lines := 0
	for other, s := range files {
		if strings.HasSuffix(other, "_test.go") || counted[other] {
			continue
		}
		for declared := range s.declares {
			if files[name].uses[declared] && !counted[other] {
				counted[other] = true
				lines += s.lines + shared(files, other, counted)
			}
		}
	}
	return lines
}
