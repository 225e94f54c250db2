package b24sql

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSchemaInREADME checks that the README shows what Migrate runs.
func TestSchemaInREADME(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, d := range []Dialect{PostgreSQL, MySQL, SQLite} {
		assert.Contains(t, string(text), "```sql\n"+d.schema("b24_store")+"\n```", d)
	}
}

func TestCollided(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		coded("40001"): true, coded("40P01"): true, coded("40003"): false, coded("23505"): false, // 40003: nobody knows
		assert.AnError: false, nil: false,
	} {
		assert.Equal(t, want, collided(err), "%v", err)
	}
}

// coded is an error as drivers of PostgreSQL have it.
type coded string

func (c coded) Error() string    { return string(c) }
func (c coded) SQLState() string { return string(c) }
