// Package render keeps what is drawn on a page as a list of marks, and writes
// that list as PNG, SVG, PDF or TIFF. It knows neither charts nor trials: package plot
// draws on its Scene, which is a canvas of gonum/plot.
//
//	what is drawn, and where                   Scene, Mark            scene.go
//	the formats, all from one scene            WritePNG               png.go
//	                                           WriteSVG               svg.go
//	                                           WritePDF               pdf.go
//	                                           WriteTIFF              tiff.go
//	text: scripts, lines, places of glyphs     Rich, Scene.MissingGlyph
//	                                                                  richtext.go
//	widths that a figure asks for many times   Rich.Width             measure.go
//	letters as shapes                          Scene.OutlineText      outline.go
//	the part of a font that a file brings                             pdffont.go, svgfont.go
//	the fonts of several SVG files, once       FontFaces              fontfaces.go
//
// Places are in points from the lower left corner, rounded to 0.01 pt, so that
// the same figure gives the same bytes on every processor.
package render
