//! Pictures of what was measured, as SVG: W1 to W3 as bars, W4 over the number of rules, W5 over the events a key.
//! All times are on a logarithmic scale.

use crate::measured::{BY_HAND, JSON, Measured, STRUCT};
use crate::ordain::{Engine, Interpreted, MachineCode};
use crate::report::{duration, grouped};
use plotters::coord::Shift;
use plotters::prelude::*;
use std::error::Error;
use std::path::Path;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);
const GRID: RGBColor = RGBColor(0xd8, 0xde, 0xe4);
const FONT: &str = "sans-serif";

/// Ordain is drawn in strong colours, code by hand in black, peers in lighter ones.
const COLOURS: [(&str, RGBColor); 14] = [
    (BY_HAND, INK),
    ("Rust by hand, hash index", RGBColor(0x8c, 0x95, 0x9f)),
    ("Rust by hand, bitmap index", RGBColor(0x8c, 0x95, 0x9f)),
    ("Ordain, machine code", RGBColor(0xcf, 0x22, 0x2e)),
    ("Ordain, interpreter", RGBColor(0xfb, 0x8f, 0x44)),
    ("ZEN", RGBColor(0x05, 0x50, 0xae)),
    ("ZEN, decision table", RGBColor(0x54, 0xae, 0xff)),
    ("CEL", RGBColor(0x1a, 0x7f, 0x37)),
    ("Rego (Regorus)", RGBColor(0x82, 0x50, 0xdf)),
    ("Rhai", RGBColor(0x9a, 0x67, 0x00)),
    ("Cedar", RGBColor(0xbf, 0x39, 0x89)),
    ("Dogwood", RGBColor(0x05, 0x50, 0xae)),
    ("Dogwood, partitioned", RGBColor(0x54, 0xae, 0xff)),
    ("Ordain, reference engine", RGBColor(0xd4, 0xa7, 0x2c)),
];

fn colour(contender: &str) -> Option<RGBColor> {
    COLOURS.iter().find(|(name, _)| *name == contender).map(|(_, colour)| *colour)
}

/// All plots of a run, into that folder.
pub fn draw(folder: &Path, measured: &Measured) -> Drawn {
    std::fs::create_dir_all(folder)?;
    bars(&folder.join("w1-w3.svg"), measured)?;
    lines(&folder.join("w4.svg"), measured, &["W4a", "W4b"], "rules")?;
    lines(&folder.join("w5.svg"), measured, &["W5"], "calls in an agent's day")
}

fn bars(path: &Path, measured: &Measured) -> Drawn {
    let rows: Vec<&str> =
        [BY_HAND, MachineCode::NAME, Interpreted::NAME, "ZEN", "CEL", "Rego (Regorus)", "Rhai", "Cedar"]
            .into_iter()
            .rev()
            .collect();
    let root = SVGBackend::new(path, (960, 400)).into_drawing_area();
    root.fill(&WHITE)?;
    let (names, panels) = root.split_horizontally(150);
    let (panels, legend) = panels.split_vertically(370);
    for (panel, workload) in panels.split_evenly((1, 3)).iter().zip(["W1", "W2", "W3"]) {
        let mut chart = ChartBuilder::on(panel)
            .caption(workload, (FONT, 16).into_font().color(&INK))
            .margin_right(14)
            .margin_left(4)
            .x_label_area_size(28)
            .build_cartesian_2d((10.0..200_000.0_f64).log_scale(), 0.0..rows.len() as f64)?;
        let label = |time: &f64| duration(*time).replace(".0", "");
        mesh(chart.configure_mesh().disable_y_mesh().x_label_formatter(&label).x_labels(5))?;
        for (at, contender) in rows.iter().enumerate() {
            for (form, from, to) in [(STRUCT, 0.5, 0.85), (JSON, 0.15, 0.5)] {
                let (Some(time), Some(colour)) = (measured.median(workload, form, contender), colour(contender)) else {
                    continue;
                };
                let style = if form == STRUCT { colour.filled() } else { colour.mix(0.45).filled() };
                let (low, high) = (at as f64 + from, at as f64 + to);
                chart.draw_series([Rectangle::new([(10.0, low), (time, high)], style)])?;
                let written = Text::new(duration(time), (time * 1.12, high - 0.02), (FONT, 10).into_font().color(&INK));
                chart.draw_series([written])?;
            }
        }
    }
    // Beside the rows of the panels: a caption above them, the scale below.
    let (top, bottom) = (24.0, 370.0 - 28.0);
    for (at, contender) in rows.iter().rev().enumerate() {
        let y = top + (bottom - top) * (at as f64 + 0.5) / rows.len() as f64;
        names.draw(&Text::new(*contender, (8, y as i32 - 6), (FONT, 12).into_font().color(&INK)))?;
    }
    let told =
        "Strong: from a struct. Light: from JSON. A decision with every rule that holds; median, logarithmic scale.";
    legend.draw(&Text::new(told, (4, 6), (FONT, 12).into_font().color(&INK)))?;
    root.present()?;
    Ok(())
}

/// A panel a family of workloads, a line a contender.
fn lines(path: &Path, measured: &Measured, families: &[&str], of: &str) -> Drawn {
    let root = SVGBackend::new(path, (190 + 385 * families.len() as u32, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    let (panels, legend) = root.split_horizontally(385 * families.len() as i32);
    let mut shown: Vec<&str> = vec![];
    for (panel, family) in panels.split_evenly((1, families.len())).iter().zip(families) {
        panel_of_lines(panel, measured, family, of, &mut shown)?;
    }
    for (at, contender) in shown.iter().enumerate() {
        let (y, colour) = (40 + 20 * at as i32, colour(contender).unwrap_or(INK));
        legend.draw(&PathElement::new([(6, y), (26, y)], colour.stroke_width(2)))?;
        legend.draw(&Text::new(*contender, (32, y - 6), (FONT, 12).into_font().color(&INK)))?;
    }
    root.present()?;
    Ok(())
}

fn panel_of_lines<'m>(
    panel: &Area<'_>,
    measured: &'m Measured,
    family: &str,
    of: &str,
    shown: &mut Vec<&'m str>,
) -> Drawn {
    let points: Vec<(&str, f64, f64)> = measured
        .order
        .iter()
        .filter(|key| key.form == STRUCT)
        .filter_map(|key| {
            let size = key.workload.strip_prefix(family)?.strip_prefix(", ")?.split(' ').next()?.parse().ok()?;
            Some((key.contender.as_str(), size, *measured.medians.get(key)?))
        })
        .collect();
    let most = points.iter().map(|(_, size, _)| *size).fold(10.0, f64::max);
    let slowest = points.iter().map(|(_, _, time)| *time).fold(100.0, f64::max);
    let mut chart = ChartBuilder::on(panel)
        .caption(family, (FONT, 16).into_font().color(&INK))
        .margin_right(16)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d((8.0..most * 1.25).log_scale(), (10.0..slowest * 2.0).log_scale())?;
    let (size, time) = (|size: &f64| grouped(*size as u64), |time: &f64| duration(*time).replace(".0", ""));
    mesh(chart.configure_mesh().x_desc(of).x_label_formatter(&size).y_label_formatter(&time))?;
    let mut contenders: Vec<&str> = vec![];
    for (contender, ..) in &points {
        if !contenders.contains(contender) {
            contenders.push(contender);
        }
    }
    for contender in contenders {
        let Some(colour) = colour(contender) else { continue };
        let own = points.iter().filter(|(of, ..)| *of == contender).map(|(_, size, time)| (*size, *time));
        chart.draw_series(LineSeries::new(own.clone(), colour.stroke_width(2)))?;
        chart.draw_series(own.map(|at| Circle::new(at, 3, colour.filled())))?;
        if !shown.contains(&contender) {
            shown.push(contender);
        }
    }
    Ok(())
}

fn mesh<'a, X: plotters::coord::ranged1d::ValueFormatter<f64> + Ranged<ValueType = f64>, Y>(
    mesh: &mut plotters::chart::MeshStyle<'a, '_, X, Y, SVGBackend<'a>>,
) -> Drawn
where
    Y: plotters::coord::ranged1d::ValueFormatter<f64> + Ranged<ValueType = f64>,
{
    mesh.bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(GRID)
        .label_style((FONT, 11).into_font().color(&INK));
    mesh.draw()?;
    Ok(())
}
