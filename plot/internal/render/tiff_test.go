package render

import (
	"bytes"
	"image"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/tiff"
	tifflzw "golang.org/x/image/tiff/lzw"
)

// Another reader takes back what was compressed: nothing, one byte, runs, noise that
// fills the table many times, and every length around the changes of the code's width.
func TestLZWIsReadByAnotherReader(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	samples := [][]byte{nil, {7}, bytes.Repeat([]byte{255}, 200_000)}
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(rng.IntN(256))
	}
	samples = append(samples, noise)
	for _, around := range []int{511 - 258, 1023 - 258, 2047 - 258, 4094 - 258, 2 * (4095 - 258)} {
		for n := around - 4; n <= around+4; n++ {
			samples = append(samples, noise[:n])
		}
	}
	few := make([]byte, 50_000)
	for i := range few {
		few[i] = byte(rng.IntN(3))
	}
	samples = append(samples, few)
	var z lzw
	for _, want := range samples {
		r := tifflzw.NewReader(bytes.NewReader(z.compress(want)), tifflzw.MSB, 8)
		got, err := io.ReadAll(r)
		require.NoError(t, err, len(want))
		require.True(t, bytes.Equal(want, got), len(want))
	}
}

// Every pixel of pictures of odd sizes comes back, without transparency.
func TestTIFFIsReadByAnotherReader(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, size := range []image.Point{{1, 1}, {3, 5}, {257, 101}, {1004, 333}, {30_000, 3}} {
		img := image.NewRGBA(image.Rectangle{Max: size})
		for i := range img.Pix {
			img.Pix[i] = byte(255 * rng.IntN(2))
			if i%4 == 3 {
				img.Pix[i] = 255
			}
		}
		var b bytes.Buffer
		require.NoError(t, encodeTIFF(&b, img, 300))
		got, err := tiff.Decode(bytes.NewReader(b.Bytes()))
		require.NoError(t, err)
		require.Equal(t, img.Bounds(), got.Bounds())
		for y := range size.Y {
			for x := range size.X {
				require.Equal(t, img.At(x, y), got.At(x, y))
			}
		}
		assert.True(t, opaque(got))
	}
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}
