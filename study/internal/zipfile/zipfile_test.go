package zipfile

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/trialkit/trialkit/study/internal/sheet"
)

// entry is a part of a file that a test makes.
type entry struct {
	name    string
	content io.Reader
}

func pack(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if _, short := e.content.(*strings.Reader); short && len(entries) > 1 {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		require.NoError(t, err)
		_, err = io.Copy(w, e.content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// zeros is n bytes of one kind.
func zeros(n int64) io.Reader { return io.LimitReader(same{}, n) }

type same struct{}

func (same) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// readAll reads every part and returns the first fault's code. It holds to the
// time and the memory that a file of bad intent may cost.
func readAll(t *testing.T, src []byte) string {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	code := func() string {
		z, err := Open(bytes.NewReader(src), int64(len(src)))
		for i := 0; err == nil && i < len(z.Names()); i++ {
			var r io.Reader
			if r, err = z.Open(z.Names()[i]); err == nil {
				_, err = io.Copy(io.Discard, r)
			}
		}
		if err == nil {
			return ""
		}
		f, ok := err.(*sheet.Fault)
		require.True(t, ok, "%v", err)
		assert.NotEmpty(t, f.Error())
		return f.Code
	}()
	assert.Less(t, time.Since(began), 5*time.Second)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(src)+64<<20), "bytes allocated")
	return code
}

func TestLimits(t *testing.T) {
	assert.Empty(t, readAll(t, pack(t, entry{"a", strings.NewReader("x")}, entry{"b/c", zeros(Room)})))
	// A part is 10,000 times smaller than what it expands to at most.
	assert.Equal(t, "file-part-large", readAll(t, pack(t, entry{"a", zeros(Room + 10<<20)})))
	// Many parts, each within its own limit, are together too large.
	var many []entry
	for i := range 4 {
		many = append(many, entry{fmt.Sprint(i), zeros(Room)})
	}
	assert.Equal(t, "file-parts-large", readAll(t, pack(t, many...)))
	var parts []entry
	for i := range MaxParts + 1 {
		parts = append(parts, entry{fmt.Sprint(i), strings.NewReader("")})
	}
	assert.Equal(t, "file-zip-parts", readAll(t, pack(t, parts...)))
	assert.Empty(t, readAll(t, pack(t, parts[:MaxParts]...)))
	// A list of parts that is long though it names few.
	var long []entry
	for i := range 80 {
		long = append(long, entry{fmt.Sprint(i) + strings.Repeat("x", 60000), strings.NewReader("")})
	}
	assert.Equal(t, "file-zip-parts", readAll(t, pack(t, long...)))
}

// What a part says of its size is not believed.
func TestSizesThatLie(t *testing.T) {
	var packed bytes.Buffer
	f, err := flate.NewWriter(&packed, flate.BestCompression)
	require.NoError(t, err)
	_, err = io.Copy(f, zeros(Room+10<<20))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	for name, size := range map[string]uint64{"small": 10, "larger than a word of 32 bits": 1 << 33, "larger than one of 64 with a sign": 1 << 63} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: size, CRC32: crc32.ChecksumIEEE(nil)})
		require.NoError(t, err)
		_, err = w.Write(packed.Bytes())
		require.NoError(t, err)
		require.NoError(t, z.Close())
		assert.NotEmpty(t, readAll(t, b.Bytes()), name)
	}
}

func TestDamage(t *testing.T) {
	whole := pack(t, entry{"a", strings.NewReader(strings.Repeat("one two three ", 500))})
	for _, share := range []float64{0.01, 0.3, 0.5, 0.93, 0.99} {
		cut := whole[:int(share*float64(len(whole)))]
		assert.Equal(t, "file-zip-damaged", readAll(t, cut), "%g of the file", share)
	}
	noise := []byte("PK\x03\x04")
	for i := range 100_000 {
		noise = append(noise, byte(i*i>>3^i*31))
	}
	assert.Equal(t, "file-zip-damaged", readAll(t, noise))
	flipped := bytes.Clone(whole)
	for i := 40; i < 48; i++ {
		flipped[i] ^= 0x55
	}
	assert.Equal(t, "file-part-damaged", readAll(t, flipped))
	// The checksum in the list of parts, behind its signature.
	at := bytes.Index(whole, []byte("PK\x01\x02"))
	crc := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(crc[at+16:], 1)
	assert.Equal(t, "file-part-damaged", readAll(t, crc))
	encrypted := bytes.Clone(whole)
	encrypted[at+8] |= 1
	assert.Equal(t, "file-zip-password", readAll(t, encrypted))
	method := bytes.Clone(whole)
	method[at+10] = 9
	assert.Equal(t, "file-zip-method", readAll(t, method))
	assert.Equal(t, "file-zip-twice", readAll(t, pack(t, entry{"a/b", zeros(1)}, entry{"A\\b", zeros(1)})))
}

func TestNames(t *testing.T) {
	src := pack(t, entry{"xl\\Workbook.xml", strings.NewReader("x")}, entry{"d/", strings.NewReader("")})
	z, err := Open(bytes.NewReader(src), int64(len(src)))
	require.NoError(t, err)
	assert.Equal(t, []string{"xl/Workbook.xml"}, z.Names())
	for _, name := range []string{"xl/workbook.xml", "/xl/Workbook.xml", "xl/x/../workbook.xml"} {
		assert.True(t, z.Has(name), name)
	}
	_, err = z.Open("xl/other.xml")
	assert.Equal(t, "file-part-missing", err.(*sheet.Fault).Code)
}
