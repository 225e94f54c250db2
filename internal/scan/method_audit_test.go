package scan_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// audited is a line of testdata/audit.tsv: a list method as it was read in the portal's PHP, or on its page.
type audited struct{ api, method, way, place, basis, note string }

func audits(t *testing.T) []audited {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "audit.tsv"))
	require.NoError(t, err)
	defer f.Close()
	var all []audited
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if c := strings.Split(lines.Text(), "\t"); !strings.HasPrefix(c[0], "#") {
			require.Len(t, c, 6, lines.Text())
			all = append(all, audited{c[0], c[1], c[2], c[3], c[4], c[5]})
		}
	}
	return all
}

// The table of methods says what the audit says, and there is no method in it that was not audited.
func TestTableIsAsAudited(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, a := range audits(t) {
		v3 := a.api == "v3"
		seen[a.api+" "+a.method] = true
		f, known := scan.LookupV2(a.method)
		if v3 {
			f, known = scan.LookupV3(a.method)
		}
		require.True(t, known, a.method)
		way := "err"
		if w, _, _, err := scan.FirstCalls(scan.Options{Method: a.method, V3: v3}); err == nil {
			way = string(w)
		}
		assert.Equal(t, a.way, way, "%s %s", a.api, a.method)
		assert.Equal(t, a.place, place(&f), "%s %s", a.api, a.method)
		assert.Contains(t, []string{"S", "D", "S+D"}, a.basis)
	}
	text, err := os.ReadFile(filepath.Join("..", "cmd", "listmethods", "testdata", "corpus", "list_methods.json"))
	require.NoError(t, err)
	var documented []struct {
		Method  string `json:"method"`
		Version string `json:"version"`
	}
	require.NoError(t, json.Unmarshal(text, &documented))
	for _, m := range documented {
		assert.True(t, seen[m.Version+" "+strings.ToLower(m.Method)], "%s was not audited", m.Method)
	}
	assert.Len(t, documented, len(seen))
}

// place is where the rows are, what the id is called in one, and in a filter where that differs.
func place(f *scan.Facts) string {
	rows, id := f.Container, f.IDKey
	if rows == "" {
		rows = "."
	}
	if id == "" {
		id = "-"
	}
	if f.CursorKey != "" && f.CursorKey != f.IDKey {
		id += "→" + f.CursorKey
	}
	return rows + "/" + id
}
