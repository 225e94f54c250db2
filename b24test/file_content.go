package b24test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// content is what a file holds.
type content interface {
	io.ReaderAt
	Size() int64
}

// errLost is the reason why a file cannot be read: it was too large to keep.
var errLost = errors.New("the content was not kept, see WithKeptFiles")

// FileContent returns the first size bytes of a content that looks random and is the same every
// time. It needs no memory: [Portal.SeedFile] uses it for a file with a Size and no Content, and an
// upload that equals it is kept whatever its size. A negative size counts as 0.
func FileContent(size int64) *io.SectionReader {
	return io.NewSectionReader(pattern{}, 0, max(0, size))
}

// pattern is an endless content: its byte i depends on i alone.
type pattern struct{}

const wordSize = 8

// word returns the bytes from 8k on; it is the function SplitMix64.
func word(k int64) uint64 {
	x := (uint64(k) + 1) * 0x9e3779b97f4a7c15 //nolint:gosec // k is not negative
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (pattern) ReadAt(b []byte, off int64) (int, error) {
	n := len(b)
	var one [wordSize]byte
	for k := off / wordSize; len(b) > 0; k++ {
		skip := max(0, off-k*wordSize)
		if skip == 0 && len(b) >= wordSize {
			binary.LittleEndian.PutUint64(b, word(k))
			b = b[wordSize:]
			continue
		}
		binary.LittleEndian.PutUint64(one[:], word(k))
		b = b[copy(b, one[skip:]):]
	}
	return n, nil
}

// lost is the content of a file that was too large to keep: only its size is known.
type lost int64

func (l lost) Size() int64 { return int64(l) }

func (lost) ReadAt([]byte, int64) (int, error) { return 0, errLost }

// sink takes what a caller uploads. It keeps the bytes up to a limit, and any number of them if they
// are those of a pattern.
type sink struct {
	limit   int64
	kept    []byte
	size    int64
	regular bool // all bytes so far are those of the pattern, and none of them is kept
	sum     hash.Hash
	want    []byte
}

func newSink(limit int64) *sink { return &sink{limit: limit, regular: true, sum: sha256.New()} }

func (k *sink) Write(b []byte) (int, error) {
	k.sum.Write(b)
	before := k.size
	k.size += int64(len(b))
	if k.regular && k.expects(b, before) {
		return len(b), nil
	}
	if k.size > k.limit {
		k.kept, k.regular = nil, false
		return len(b), nil
	}
	if k.regular {
		k.regular, k.kept = false, firstBytes(before)
	}
	k.kept = append(k.kept, b...)
	return len(b), nil
}

// expects reports whether bytes are those of the pattern from an offset on.
func (k *sink) expects(b []byte, off int64) bool {
	if len(k.want) < len(b) {
		k.want = make([]byte, len(b))
	}
	_, _ = pattern{}.ReadAt(k.want[:len(b)], off)
	return bytes.Equal(k.want[:len(b)], b)
}

func firstBytes(n int64) []byte {
	b := make([]byte, n)
	_, _ = pattern{}.ReadAt(b, 0)
	return b
}

// content returns what was written.
func (k *sink) content() content {
	switch {
	case k.regular && k.size <= k.limit:
		return bytes.NewReader(firstBytes(k.size))
	case k.regular:
		return FileContent(k.size)
	case k.size <= k.limit:
		return bytes.NewReader(k.kept)
	}
	return lost(k.size)
}

func (k *sink) hash() string { return hex.EncodeToString(k.sum.Sum(nil)) }

// hashOf returns the SHA-256 of a content in hexadecimal digits; "" if it was not kept.
func hashOf(c content) string {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(c, 0, c.Size())); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// bytesOf returns the bytes of a content that is held in memory; nil for another one.
func bytesOf(c content) []byte {
	r, ok := c.(*bytes.Reader)
	if !ok {
		return nil
	}
	b := make([]byte, r.Size())
	_, _ = r.ReadAt(b, 0)
	return b
}
