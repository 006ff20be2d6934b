// What a run was and what came of it, for people and for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "board.hpp"
#include "options.hpp"

namespace phyllo::load {

struct outcome {
  double rate = 0;  // what was asked for
  double seconds = 0;
  double cpu_s = 0;  // of this program's threads
  tally total;
  std::vector<second_row> rows;
  std::string trouble;  // of the sockets
};

struct broken_limit {
  std::string text;  // "p99 is 61.2 ms, more than 50 ms"
};

// Operations that succeeded a second.
[[nodiscard]] double done_rate(const outcome& o) noexcept;
// This program began its operations late: its figures are its own, not the server's.
[[nodiscard]] bool fell_behind(const outcome& o) noexcept;
[[nodiscard]] std::vector<broken_limit> broken_limits(const outcome& o, const load_options& l);

[[nodiscard]] nlohmann::json json_of(const options& given, const outcome& o);
[[nodiscard]] std::string table_of(const options& given, const outcome& o);
[[nodiscard]] std::string csv_of(const outcome& o);
[[nodiscard]] std::string live_line(const second_row& row);

}  // namespace phyllo::load
