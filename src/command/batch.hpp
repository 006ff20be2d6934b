// Operations of a batch file, one a line: NAME<TAB>VALUE for writes, NAME for the others.
#pragma once

#include <istream>
#include <optional>
#include <string>

#include "phyllo/core/result.hpp"

namespace phyllo::command {

struct batch_line {
  std::size_t number = 0;
  std::string name;
  std::string value;
};

class batch_reader {
 public:
  batch_reader(std::istream& in, bool writes) : in_(in), writes_(writes) {}

  // The next operation; nothing at the end. Empty lines are skipped. node::errc::malformed names the line; reading
  // may go on. disk's io: the rest can not be read; told once, then comes the end.
  [[nodiscard]] core::result<std::optional<batch_line>> next();

 private:
  std::istream& in_;
  bool writes_;
  std::size_t number_ = 0;
  bool broken_ = false;
};

}  // namespace phyllo::command
