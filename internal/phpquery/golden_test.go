package phpquery_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/phpquery"
)

// line is one of testdata/parse_str.jsonl: a query string, the parameters it
// was encoded from if there are any, and what PHP 8.2 read.
type line struct {
	Query  string          `json:"query"`
	Params string          `json:"params,omitempty"` // JSON in a string: PHP would round its numbers
	Answer json.RawMessage `json:"answer,omitempty"`
}

// TestPHP holds Encode and parseStr against PHP itself. PHPQUERY_GOLDEN=write
// invents the queries anew and asks PHP.
func TestPHP(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "parse_str.jsonl")
	if os.Getenv("PHPQUERY_GOLDEN") == "write" {
		require.NoError(t, os.WriteFile(path, askPHP(t), 0o600))
	}
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	encoded, wild := 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for ; lines.Scan(); wild++ {
		var l line
		require.NoError(t, json.Unmarshal(lines.Bytes(), &l))
		answer, err := parseJSON(l.Answer)
		require.NoError(t, err)
		got := parseStr(l.Query)
		assert.True(t, answer.equal(got), "%s\n%s\n%s", l.Query, answer, got)
		if l.Params == "" {
			continue
		}
		encoded++
		query, err := phpquery.Encode([]byte(l.Params), nil)
		require.NoError(t, err)
		assert.Equal(t, l.Query, query)
		params, err := parseJSON([]byte(l.Params))
		require.NoError(t, err)
		assert.True(t, params.equal(answer), "%s\n%s", params, answer)
	}
	require.NoError(t, lines.Err())
	assert.Greater(t, encoded, 300)
	assert.Greater(t, wild-encoded, 300)
}

func askPHP(t *testing.T) []byte {
	t.Helper()
	var questions bytes.Buffer
	enc := json.NewEncoder(&questions)
	in := inventor{rand.New(rand.NewPCG(3, 4))}
	for n := 0; n < 400; {
		params := in.object(0)
		query, err := phpquery.Encode([]byte(params), nil)
		if err != nil {
			continue
		}
		n++
		require.NoError(t, enc.Encode(line{Query: query, Params: params}))
	}
	for _, query := range limits() {
		require.NoError(t, enc.Encode(line{Query: query}))
	}
	for range 600 {
		require.NoError(t, enc.Encode(line{Query: in.query()}))
	}
	cmd := exec.CommandContext(t.Context(), "php", filepath.Join("testdata", "parse_str.php"))
	cmd.Stdin = &questions
	answers, err := cmd.Output()
	require.NoError(t, err)
	return answers
}

// limits are queries at PHP's limits and cases that chance seldom finds.
func limits() []string {
	var many strings.Builder
	for i := range 1002 {
		many.WriteString(strconv.Itoa(i) + "=&")
	}
	return []string{
		many.String(),
		"a" + strings.Repeat("[b]", 64) + "=1",
		"a" + strings.Repeat("[b]", 65) + "=1",
		"a[x]=1&b=2&a" + strings.Repeat("[]", 65) + "=1",
		"this=1&this[a]=2", "GLOBALS=1", "GLOBALS[a]=1", "_SERVER[a]=1",
		"a[9223372036854775807]=1", "a[-0]=1&a[01]=2&a[1.5]=3",
		"__Host-a[__Host-b]=1", "__Host-a[__Secure-b][c]=1", "_.Host-[a=1", "a[b][__Host-c][d]=1",
		"a[b]=1&a=2", "a=1&a[b]=2", "a[]=1&a[]=2&a[7]=3&a[]=4", "a[ ]=1", "a[ b]=1", "a[%0B]=1", "a[%0B%0B]=1", "a[%C2%A0]=1",
	}
}
