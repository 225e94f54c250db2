package methods_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/methods"
)

// entry is a line of testdata/methods.txt.
type entry struct {
	method string
	v3     bool
}

// known reads testdata/methods.txt.
func known(t *testing.T) []entry {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "methods.txt"))
	require.NoError(t, err)
	defer f.Close()
	var entries []entry
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		api, method, ok := strings.Cut(line, " ")
		require.True(t, ok && (api == "v2" || api == "v3"), line)
		entries = append(entries, entry{method: method, v3: api == "v3"})
	}
	require.NotEmpty(t, entries)
	return entries
}

// TestGolden compares every known method with testdata/golden.txt, so that a
// changed rule shows as a diff. METHODS_GOLDEN=write writes the file anew: read
// each line that went from W to R before committing it.
func TestGolden(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "golden.txt")
	got := golden(t)
	if os.Getenv("METHODS_GOLDEN") == "write" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func golden(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# R: only reads, W: writes or unknown; the API; the method; the rule that decided, if not the word alone or nothing.\n")
	for _, k := range known(t) {
		reads, rule := methods.Decide(k.method, k.v3)
		letter, api, why := "W", "v2", ""
		if reads {
			letter = "R"
		}
		if k.v3 {
			api = "v3"
		}
		if rule == methods.RuleName || rule == methods.RuleVerb {
			why = " " + rule.String()
		}
		fmt.Fprintf(&b, "%s %s %s%s\n", letter, api, k.method, why)
	}
	return b.String()
}

// TestCoverage counts what decides the known methods. The numbers change with
// testdata/methods.txt; that most reads follow from a word must not.
func TestCoverage(t *testing.T) {
	t.Parallel()
	count := map[string]int{}
	for _, k := range known(t) {
		reads, rule := methods.Decide(k.method, k.v3)
		letter := "writes"
		if reads {
			letter = "reads"
		}
		count[letter]++
		count[letter+" by "+rule.String()]++
	}
	total := count["reads"] + count["writes"]
	t.Logf("%d methods: %d read (%d by the last word, %d by name), %d write (%d by name, %d by verb, %d by default)", total,
		count["reads"], count["reads by word"], count["reads by name"],
		count["writes"], count["writes by name"], count["writes by verb"], count["writes by unknown"])
	assert.Greater(t, total, 1500)
	assert.Greater(t, count["reads by word"], 4*count["reads by name"])
	assert.Zero(t, count["writes by verb"], "name them, with the page")
}

// TestSuspects looks for a word of writing at the start of the last word of
// what is taken to read. It knows nothing of the rules. Each name it finds has
// been looked up: none of them is a verb there.
func TestSuspects(t *testing.T) {
	t.Parallel()
	verbs := []string{
		"add", "attach", "bind", "clear", "create", "delete", "edit", "import", "mark", "merge", "move", "pin", "publ", "read", "register",
		"remove", "save", "send", "set", "start", "stop", "unbind", "update", "upload",
	}
	var suspects []string
	for _, k := range known(t) {
		last := strings.ToLower(k.method[strings.LastIndexByte(k.method, '.')+1:])
		writing := slices.ContainsFunc(verbs, func(verb string) bool { return strings.HasPrefix(last, verb) })
		if writing && methods.Reads(k.method, k.v3) {
			suspects = append(suspects, k.method)
		}
	}
	assert.Equal(t, []string{
		"crm.enum.addresstype", "log.blogpost.getusers.important", "mail.mailbox.senders", "timeman.settings",
	}, suspects)
}
