// A figure with axes and series, drawn as SVG without a library: lines, or bars side by side.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace phyllo::simulate {

struct series {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

struct plot {
  std::string file;  // without directory and ending
  std::string title;
  std::string x, y;          // labels of the axes
  bool logarithmic = false;  // the x axis
  bool bars = false;
  std::vector<series> lines;
  std::vector<std::string> categories = {};  // instead of numbers on the x axis: of 1, 2, ...

  [[nodiscard]] std::string svg() const;
  [[nodiscard]] nlohmann::json json() const;
};

}  // namespace phyllo::simulate
