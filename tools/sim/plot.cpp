#include "plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace phyllo::simulate {
namespace {

constexpr double width = 720, height = 440, left = 70, right = 20, top = 66, bottom = 60;
constexpr std::array colours{"#1f6f8b", "#d1495b", "#66a182", "#edae49", "#5b4b8a", "#8d6b4f"};

// A round step that divides `span` into about five.
double step_of(double span) {
  const auto raw = std::max(span, 1e-12) / 5;
  const auto power = std::pow(10, std::floor(std::log10(raw)));
  for (const double m : {1.0, 2.0, 5.0}) {
    if (raw <= m * power) return m * power;
  }
  return 10 * power;
}

constexpr std::size_t points_marked = 20;  // of a line; more are a curve

// 100,000 of 100000.
std::string grouped(double value) {
  auto out = fmt::format("{:.0f}", value);
  for (auto i = static_cast<std::ptrdiff_t>(out.size()) - 3; i > 0; i -= 3) out.insert(static_cast<std::size_t>(i), ",");
  return out;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return out;
}

class canvas {
 public:
  explicit canvas(const plot& p) : p_(p) {
    for (const auto& s : p.lines) {
      for (const auto& [x, y] : s.points) {
        x_min_ = std::min(x_min_, scale(x));
        x_max_ = std::max(x_max_, scale(x));
        y_max_ = std::max(y_max_, y);
      }
    }
    if (x_min_ > x_max_) x_min_ = 0, x_max_ = 1;
    if (p.bars) x_min_ -= 0.5, x_max_ += 0.5;
    if (x_min_ == x_max_) x_max_ += 1;
    const auto step = step_of(y_max_);
    y_max_ = y_max_ > 0 ? std::ceil(y_max_ / step - 1e-9) * step : 1;
  }

  std::string draw() {
    out_ = fmt::format(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{1}' viewBox='0 0 {0} {1}' font-family='sans-serif' "
        "font-size='12'>\n<rect width='100%' height='100%' fill='white'/>\n",
        width, height);
    text(width / 2, 24, "middle", p_.title, 15);
    text(width / 2, height - 14, "middle", p_.x);
    out_ += fmt::format("<text transform='translate(16 {}) rotate(-90)' text-anchor='middle'>{}</text>\n", (top + height - bottom) / 2,
                        escaped(p_.y));
    axes();
    for (std::size_t i = 0; i < p_.lines.size(); ++i) {
      p_.bars ? bars(p_.lines[i], i, colour_of(i)) : line(p_.lines[i], colour_of(i));
    }
    legend();
    return out_ + "</svg>\n";
  }

 private:
  [[nodiscard]] double scale(double x) const { return p_.logarithmic ? std::log10(std::max(x, 1e-12)) : x; }
  [[nodiscard]] double px(double scaled) const { return left + (scaled - x_min_) / (x_max_ - x_min_) * (width - left - right); }
  [[nodiscard]] double py(double y) const { return height - bottom - y / y_max_ * (height - top - bottom); }

  [[nodiscard]] static const char* colour_of(std::size_t which) { return colours[which % colours.size()]; }

  // One row under the title, of the series that have anything to show.
  void legend() {
    constexpr double a_letter = 6.6, around = 34;
    const auto room = [](const series& s) { return s.points.empty() ? 0 : a_letter * static_cast<double>(s.name.size()) + around; };
    double x = width / 2;
    for (const auto& s : p_.lines) x -= room(s) / 2;
    for (std::size_t i = 0; i < p_.lines.size(); ++i) {
      const auto& s = p_.lines[i];
      if (s.points.empty()) continue;
      out_ += fmt::format("<rect x='{:.1f}' y='39' width='10' height='10' fill='{}'/>\n", x, colour_of(i));
      text(x + 15, 48, "start", s.name);
      x += room(s);
    }
  }

  void text(double x, double y, const char* anchor, const std::string& what, int size = 12) {
    out_ += fmt::format("<text x='{:.1f}' y='{:.1f}' text-anchor='{}' font-size='{}'>{}</text>\n", x, y, anchor, size, escaped(what));
  }

  [[nodiscard]] std::string name_of(double x) const {
    if (p_.categories.empty()) return x >= 1000 ? grouped(x) : fmt::format("{:g}", x);
    return x < 1 || x > static_cast<double>(p_.categories.size()) ? "" : p_.categories[static_cast<std::size_t>(x) - 1];
  }

  void axes() {
    const auto step_y = step_of(y_max_);
    for (double y = 0; y <= y_max_ + 1e-9; y += step_y) {
      out_ += fmt::format("<line x1='{}' x2='{}' y1='{:.1f}' y2='{:.1f}' stroke='#ddd'/>\n", left, width - right, py(y), py(y));
      text(left - 6, py(y) + 4, "end", fmt::format("{:g}", y));
    }
    const auto step_x = p_.logarithmic || p_.bars ? 1.0 : step_of(x_max_ - x_min_);
    for (double x = std::ceil(x_min_ / step_x) * step_x; x <= x_max_ + 1e-9; x += step_x) {
      text(px(x), height - bottom + 18, "middle", name_of(p_.logarithmic ? std::pow(10, x) : x));
    }
    out_ += fmt::format("<path d='M{0} {1}V{2}H{3}' fill='none' stroke='#333'/>\n", left, top, height - bottom, width - right);
  }

  void line(const series& s, const char* colour) {
    std::string points;
    for (const auto& [x, y] : s.points) points += fmt::format("{:.1f},{:.1f} ", px(scale(x)), py(y));
    out_ += fmt::format("<polyline points='{}' fill='none' stroke='{}' stroke-width='2'/>\n", points, colour);
    if (s.points.size() > points_marked) return;
    for (const auto& [x, y] : s.points) {
      out_ += fmt::format("<circle cx='{:.1f}' cy='{:.1f}' r='3.5' fill='{}'/>\n", px(scale(x)), py(y), colour);
    }
  }

  void bars(const series& s, std::size_t which, const char* colour) {
    const auto room = px(x_min_ + 1) - px(x_min_);
    const auto wide = room * 0.8 / static_cast<double>(p_.lines.size());
    for (const auto& [x, y] : s.points) {
      const auto from = px(x) - room * 0.4 + wide * static_cast<double>(which);
      out_ +=
          fmt::format("<rect x='{:.1f}' y='{:.1f}' width='{:.1f}' height='{:.1f}' fill='{}'/>\n", from, py(y), wide, py(0) - py(y), colour);
    }
  }

  const plot& p_;
  double x_min_ = 1e300, x_max_ = -1e300, y_max_ = 0;
  std::string out_;
};

}  // namespace

std::string plot::svg() const { return canvas(*this).draw(); }

nlohmann::json plot::json() const {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& s : lines) all.push_back({{"name", s.name}, {"points", s.points}});
  return {{"file", file}, {"title", title}, {"x", x}, {"y", y}, {"series", all}};
}

}  // namespace phyllo::simulate
