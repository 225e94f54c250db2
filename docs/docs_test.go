package docs_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// page is a Markdown file of the repository.
type page struct {
	name, text string
}

// pages reads them all.
func pages(t *testing.T) []page {
	t.Helper()
	var found []page
	for _, pattern := range []string{"*.md", "docs/*.md", ".github/*.md", ".github/*/*.md", "llms.txt"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			found = append(found, page{name: name, text: string(text)})
		}
	}
	require.NotEmpty(t, found)
	return found
}

// block is a fenced piece of a page.
type block struct {
	line     int // of its first line, counted from 1
	language string
	lines    []string
}

func (p page) blocks(language string) []block {
	var found []block
	var b *block
	for i, line := range strings.Split(p.text, "\n") {
		mark, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && b == nil:
			b = &block{line: i + 2, language: mark}
		case isFence:
			if b.language == language {
				found = append(found, *b)
			}
			b = nil
		case b != nil:
			b.lines = append(b.lines, strings.TrimSpace(line))
		}
	}
	return found
}

// compiled reads the files that the code of the pages is taken from, line by line without indentation.
func compiled(t *testing.T) map[string][]string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"example*_test.go", "b24test/example*_test.go", "file/example*_test.go"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		names = append(names, found...)
	}
	require.NoError(t, filepath.WalkDir("examples", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".go") {
			names = append(names, path)
		}
		return err
	}))
	files := make(map[string][]string, len(names))
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			files[name] = append(files[name], strings.TrimSpace(line))
		}
	}
	return files
}

func containsLines(file, part []string) bool {
	for i := 0; i+len(part) <= len(file); i++ {
		if slices.Equal(file[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// What a page shows as Go is compiled and run.
func TestCodeOfThePagesIsCompiled(t *testing.T) {
	t.Parallel()
	files := compiled(t)
	for _, p := range pages(t) {
		for _, b := range p.programs() { // compiled by TestProgramsOfThePages
			files[fmt.Sprintf("%s:%d", p.name, b.line)] = b.lines
		}
	}
	count := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks("go") {
			count++
			found := false
			for _, lines := range files {
				found = found || containsLines(lines, b.lines)
			}
			assert.True(t, found, "%s:%d: this Go code is in no example:\n%s", p.name, b.line, strings.Join(b.lines, "\n"))
		}
	}
	assert.Positive(t, count)
}

// The two commands of a newcomer stand alone, so that they can be copied, and run by a script.
func TestCommandsOfTheReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var all []string
	for _, b := range (page{text: string(text)}).blocks("sh") {
		all = append(all, strings.Join(b.lines, "\n"))
	}
	assert.Contains(t, all, "go run ./examples/quickstart")
	assert.Contains(t, all, "go test ./...")
}

// The packages named in commands exist.
func TestPackagesOfCommandsExist(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		for _, b := range p.blocks("sh") {
			for i, line := range b.lines {
				for _, name := range packagesOf(line) {
					assert.True(t, holdsGo(t, name), "%s:%d: there is no package %s", p.name, b.line+i, name)
				}
			}
		}
	}
}

// The examples a page names exist.
func TestExamplesOfThePagesExist(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, lines := range compiled(t) {
		all.WriteString(strings.Join(lines, "\n"))
	}
	mention := regexp.MustCompile("`(Example\\w+)`")
	count := 0
	for _, p := range pages(t) {
		for _, m := range mention.FindAllStringSubmatch(p.text, -1) {
			count++
			assert.Contains(t, all.String(), "func "+m[1]+"()", p.name)
		}
	}
	assert.Positive(t, count)
}

// packagesOf returns the packages that a command gives to go run and go test.
func packagesOf(command string) []string {
	var names []string
	words := strings.Fields(command)
	if len(words) < 2 || words[0] != "go" || words[1] != "run" && words[1] != "test" {
		return nil
	}
	for _, word := range words[2:] {
		if word == "." || strings.HasPrefix(word, "./") {
			names = append(names, word)
		}
	}
	return names
}

// holdsGo reports whether there are Go files where the name of a package leads.
func holdsGo(t *testing.T, name string) bool {
	t.Helper()
	dir, below := strings.CutSuffix(name, "/...")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	if below {
		deeper, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
		require.NoError(t, err)
		files = append(files, deeper...)
	}
	return len(files) > 0
}

// The names a page mentions are exported by the packages.
func TestNamesOfThePagesExist(t *testing.T) {
	t.Parallel()
	exported := map[string]map[string]bool{
		"b24": exportedNames(t, "."), "b24test": exportedNames(t, "b24test"), "filter": exportedNames(t, "filter"),
	}
	mention := regexp.MustCompile(`\b(b24|b24test|filter)\.([A-Z]\w*(?:\.[A-Z]\w*)?)`)
	count := 0
	for _, p := range pages(t) {
		for i, line := range strings.Split(p.current(), "\n") {
			for _, m := range mention.FindAllStringSubmatch(line, -1) {
				count++
				assert.True(t, exported[m[1]][m[2]], "%s:%d: there is no %s", p.name, i+1, m[0])
			}
		}
	}
	assert.Positive(t, count)
}

// The methods that a page calls on what it names hook, rest3 and portal exist.
func TestMethodsOfThePagesExist(t *testing.T) {
	t.Parallel()
	root, fake := exportedNames(t, "."), exportedNames(t, "b24test")
	mention := regexp.MustCompile(`\b(hook|rest3|portal)\.([A-Z]\w*)\(`)
	count := 0
	for _, p := range pages(t) {
		for i, line := range strings.Split(p.current(), "\n") {
			for _, m := range mention.FindAllStringSubmatch(line, -1) {
				count++
				exists := map[string]bool{"hook": root["Hook."+m[2]], "rest3": root["V3."+m[2]], "portal": fake["Portal."+m[2]]}
				assert.True(t, exists[m[1]], "%s:%d: there is no method %s", p.name, i+1, m[0])
			}
		}
	}
	assert.Positive(t, count)
}

// current is the text without what a changelog says of older versions, whose names may be gone.
func (p page) current() string {
	if p.name != "CHANGELOG.md" {
		return p.text
	}
	parts := strings.SplitN(p.text, "\n## ", 3)
	return strings.Join(parts[:min(len(parts), 2)], "\n## ")
}

// exportedNames returns what a package exports: Name, and Type.Name for methods and fields.
func exportedNames(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	names := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			collect(names, decl)
		}
	}
	require.NotEmpty(t, names)
	promote(names)
	return names
}

// embeds stands between a type and one that is embedded in it.
const embeds = " embeds "

// promote adds the methods of embedded types.
func promote(names map[string]bool) {
	for name := range maps.Clone(names) {
		outer, inner, embedded := strings.Cut(name, embeds)
		if !embedded {
			continue
		}
		delete(names, name)
		for promoted := range maps.Clone(names) {
			if method, ok := strings.CutPrefix(promoted, inner+"."); ok {
				names[outer+"."+method] = true
			}
		}
	}
}

func collect(names map[string]bool, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		names[receiver(d)+d.Name.Name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range s.Names {
					names[name.Name] = true
				}
			case *ast.TypeSpec:
				names[s.Name.Name] = true
				for _, member := range members(s.Type) {
					names[s.Name.Name+"."+member] = true
				}
				for _, inner := range embeddedIn(s.Type) {
					names[s.Name.Name+embeds+inner] = true
				}
			}
		}
	}
}

// receiver returns "Type." for a method and nothing for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	if name, ok := typ.(*ast.Ident); ok {
		return name.Name + "."
	}
	return ""
}

// embeddedIn returns the types that a structure embeds.
func embeddedIn(typ ast.Expr) (names []string) {
	structure, ok := typ.(*ast.StructType)
	if !ok {
		return nil
	}
	for _, field := range structure.Fields.List {
		if name, ok := field.Type.(*ast.Ident); ok && len(field.Names) == 0 {
			names = append(names, name.Name)
		}
	}
	return names
}

// members returns the fields of a structure and the methods of an interface.
func members(typ ast.Expr) []string {
	var list *ast.FieldList
	switch typ := typ.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		return nil
	}
	var names []string
	for _, field := range list.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// The fake portal shares no code with what it tests: a mistake would hide in both.
func TestTheFakePortalImportsNothingInternal(t *testing.T) {
	t.Parallel()
	count := 0
	for _, pattern := range []string{"b24test/*.go", "b24test/internal/*/*.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, name := range files {
			file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, parser.ImportsOnly)
			require.NoError(t, err)
			for _, imported := range file.Imports {
				own := strings.Contains(imported.Path.Value, "/b24test/internal/")
				assert.True(t, own || !strings.Contains(imported.Path.Value, "/internal/"), "%s imports %s", name, imported.Path.Value)
				count++
			}
		}
	}
	assert.Positive(t, count)
}
