#include "files/incarnation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {

core::result<std::uint32_t> next_incarnation(core::environment& env, const configuration& c) {
  const auto path = c.in_data_directory("incarnation");
  const auto kept = disk::read_file(path);
  if (!kept) return core::fail(kept.error());
  const auto text = kept->value_or("");
  std::uint32_t last = 0;  // also of a file that holds no number: the clock is all there is
  std::from_chars(text.data(), text.data() + text.size(), last);
  const auto now = static_cast<std::uint32_t>(core::unix_milliseconds(env.wall_now()) / 1000);
  const auto next = std::max(now, last + 1);
  if (auto done = disk::write_private_file(path, fmt::format("{}\n", next)); !done) return core::fail(done.error());
  return next;
}

}  // namespace phyllo::node
