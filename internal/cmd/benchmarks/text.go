package main

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

// text is the report without its numbers: {{name}} stands for a table.
//
//go:embed text.md
var text string

// split returns the head before the first section, and the sections.
func split(text string) (head string, parts []string) {
	head, rest, _ := strings.Cut(text, "\n## ")
	for part := range strings.SplitSeq(rest, "\n## ") {
		parts = append(parts, "## "+strings.TrimSuffix(part, "\n")+"\n\n")
	}
	parts[len(parts)-1] = strings.TrimSuffix(parts[len(parts)-1], "\n")
	return head + "\n", parts
}

// fill replaces the names of tables in a part with the tables.
func fill(part string, filled func(t table) (string, error)) (string, error) {
	var first error
	all := tables()
	part = regexp.MustCompile(`\{\{([^}]+)\}\}\n`).ReplaceAllStringFunc(part, func(call string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(call, "{{"), "}}\n")
		t, ok := all[name]
		if !ok {
			first = fmt.Errorf("there is no table %q", name)
		}
		if first != nil {
			return ""
		}
		text, err := filled(t)
		first = err
		return text
	})
	return part, first
}
