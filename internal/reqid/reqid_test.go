package reqid_test

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/reqid"
)

func TestNextHasTheShapeOfVersion7(t *testing.T) {
	t.Parallel()
	var s reqid.Source
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for range 100 {
		assert.Regexp(t, shape, s.Next())
	}
}

func TestNextIsUniqueAndAscends(t *testing.T) {
	t.Parallel()
	// many within one millisecond, the clock of a bubble stands still
	synctest.Test(t, func(t *testing.T) {
		var s reqid.Source
		ids := make([]string, 0, 5000)
		for range cap(ids) {
			ids = append(ids, s.Next())
		}
		assert.True(t, sort.StringsAreSorted(ids))
		seen := make(map[string]bool)
		for _, id := range ids {
			seen[id] = true
		}
		assert.Len(t, seen, len(ids))
	})
}

func TestNextBeginsWithTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s reqid.Source
		<-time.After(1234567 * time.Microsecond) // the bubble's clock

		id := strings.ReplaceAll(s.Next(), "-", "")

		ms, err := strconv.ParseInt(id[:12], 16, 64)
		require.NoError(t, err)
		assert.Equal(t, time.Now().UnixMilli(), ms)
	})
}

func TestNextFromManyGoroutines(t *testing.T) {
	t.Parallel()
	var s reqid.Source
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := make(map[string]bool)
	for range 8 {
		wg.Go(func() {
			for range 200 {
				id := s.Next()
				mu.Lock()
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	assert.Len(t, seen, 1600)
}
