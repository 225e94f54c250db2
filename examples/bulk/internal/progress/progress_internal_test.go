package progress

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLines(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	display := New(&out, "rows")
	for done := 0; done <= 1000; done += 50 {
		display.Set(done, 1000)
	}
	display.Close()

	assert.Equal(t, 11, strings.Count(out.String(), "\n"))
	assert.True(t, strings.HasPrefix(out.String(), "50 of 1000 rows\n100 of 1000 rows\n200 of"), out.String())
	assert.True(t, strings.HasSuffix(out.String(), "\n1000 of 1000 rows\n"), out.String())
}

func TestLinesWithoutATotal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	display := New(&out, "rows")
	for done := 0; done <= 20_000; done += 2_500 {
		display.Set(done, -1)
	}

	assert.Equal(t, "2500 rows\n10000 rows\n20000 rows\n", out.String())
}

// What was done before this run is not in the bar, so that the rate is true.
func TestBar(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	display := newBar(&out, "rows")
	display.Set(600, -1)
	display.Set(600, 1000)
	display.Set(1000, 1000)
	display.Close()

	assert.Contains(t, out.String(), "(400/400")
	assert.Contains(t, out.String(), "100%")
}
