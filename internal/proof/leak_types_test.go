//go:build !race

package proof_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

// printedAsTheyAre are the types that print what they hold, and why.
func printedAsTheyAre() map[string]string {
	const (
		row    = "a value of a row, which a program reads to show it"
		made   = "made by the caller: SECURITY.md says so"
		foreig = "an interface for types of the caller"
	)
	return map[string]string{
		"ID": row, "Int": row, "Float": row, "Bool": row, "Money": row, "Date": row, "DateTime": row, "EntityTypeID": row, "Null": row, "Map": row, "Rows": row,
		"Multifield": row, "Page": row, "Reply": row,
		"Params": made, "Ordered": made, "Pair": made, "Command": made, "Commands": made, "NamedCommands": made, "Calls": made, "Ref": made, "ListMethod": made,
		"Limiter": foreig, "Store": foreig, "StoreLister": foreig,
	}
}

// exhibition shows values and notes their types.
type exhibition struct {
	leaks

	names map[string]int
	seen  map[string]bool // errors of one client
}

// show writes values in every form, and what their chains hand out.
func (e *exhibition) show(t *testing.T, values ...any) {
	t.Helper()
	for _, v := range values {
		e.note(reflect.ValueOf(v))
		switch v := v.(type) {
		case nil:
		case error:
			e.links(v)
			if text := fmt.Sprintf("%T %v", v, withoutIDs(v.Error())); !e.seen[text] {
				e.seen[text] = true
				e.addError(t, v)
			}
		case b24.Query:
			e.ask(t, v) // its field Params is the body as sent
		default:
			e.add(t, v)
		}
	}
}

// as shows a value of an interface or of a function.
func (e *exhibition) as(t *testing.T, name string, v any) {
	t.Helper()
	e.names[name]++
	e.show(t, v)
}

// withoutIDs is a text without what is fresh in each request.
func withoutIDs(text string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || 'a' <= r && r <= 'f' {
			return -1
		}
		return r
	}, text)
}

// links notes the types of all errors in a chain.
func (e *exhibition) links(err error) {
	e.note(reflect.ValueOf(err))
	switch inner := err.(type) { //nolint:errorlint // the chain is walked link by link
	case interface{ Unwrap() error }:
		if inner.Unwrap() != nil {
			e.links(inner.Unwrap())
		}
	case interface{ Unwrap() []error }:
		for _, one := range inner.Unwrap() {
			e.links(one)
		}
	}
}

// note counts the types of this package of which v holds a value that says something.
func (e *exhibition) note(v reflect.Value) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() || v.IsZero() {
		return
	}
	if v.Type().PkgPath() == reflect.TypeFor[b24.Hook]().PkgPath() {
		name, _, _ := strings.Cut(v.Type().Name(), "[")
		e.names[name]++
	}
	switch v.Kind() {
	case reflect.Struct:
		for field, inner := range v.Fields() {
			if field.IsExported() {
				e.note(inner)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			e.note(v.Index(i))
		}
	case reflect.Map:
		for all := v.MapRange(); all.Next(); {
			e.note(all.Value())
		}
	default:
	}
}

// Every exported type of the package and every error is shown, with secrets in every place that a portal, a network or a caller
// can put one.
func TestNothingOfThePackageLeaks(t *testing.T) {
	t.Parallel()
	e := exhibition{names: map[string]int{}, seen: map[string]bool{}}
	synctest.Test(t, func(t *testing.T) { // the clients wait now and then
		for name, answer := range tellingAnswers() {
			h := answeringHook(t, &e, answer)
			e.files(t, h)
			e.visit(t, h, name)
		}
		for _, fail := range failures() {
			h := hookThrough(t, &e, firstStep(fail))
			e.files(t, h)
			e.visit(t, h, "failing transport")
		}
		for _, answer := range tellingFiles() {
			h := hookThrough(t, &e, firstStep(answer))
			e.files(t, h)
			stats := h.Stats()
			e.show(t, stats, stats.LastErrors, h.Close())
		}
		e.construct(t)
	})
	e.check(t, marker, paramToken, foreign, signed)

	exported, failing := declared(t)
	asTheyAre := printedAsTheyAre()
	for _, name := range exported {
		_, free := asTheyAre[name]
		assert.True(t, free || e.names[name] > 0, "the type %s has no place in this test: show a value of it, or say why it prints what it holds", name)
	}
	for _, name := range failing {
		assert.Positive(t, e.names[name], "the error %s is not shown", name)
	}
	for name := range asTheyAre {
		assert.Contains(t, exported, name, "there is no such type")
	}
}

// declared returns the exported types of the package, and all types that are errors.
func declared(t *testing.T) (exported, failing []string) {
	t.Helper()
	files, err := filepath.Glob("../../*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.GenDecl:
				exported = append(exported, exportedTypes(decl)...)
			case *ast.FuncDecl:
				if decl.Name.Name == "Error" && decl.Recv != nil && decl.Type.Params.NumFields() == 0 {
					failing = append(failing, receiverName(decl.Recv.List[0].Type))
				}
			}
		}
	}
	require.Greater(t, len(exported), 50)
	require.Greater(t, len(failing), 10)
	return exported, failing
}

func exportedTypes(decl *ast.GenDecl) (names []string) {
	for _, spec := range decl.Specs {
		if named, ok := spec.(*ast.TypeSpec); ok && named.Name.IsExported() {
			names = append(names, named.Name.Name)
		}
	}
	return names
}

func receiverName(of ast.Expr) string {
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	name, _ := of.(*ast.Ident)
	return name.Name
}
