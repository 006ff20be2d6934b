#include "files/bindings_file.hpp"

#include <utility>

#include "phyllo/disk/private_file.hpp"

namespace phyllo::node {
namespace {

constexpr std::size_t bindings_bytes_max = 1U << 30U;

std::string bindings_file(const configuration& c) { return c.in_data_directory("bindings"); }

}  // namespace

std::string load_bindings(const configuration& c) {
  auto content = disk::read_file(bindings_file(c), bindings_bytes_max);
  return content && *content ? std::move(**content) : std::string();
}

core::status save_bindings(const configuration& c, const sip::service::kept_bindings& kept) {
  if (kept.whole) return disk::write_private_file(bindings_file(c), kept.text);
  return kept.text.empty() ? core::status() : disk::append_private_file(bindings_file(c), kept.text);
}

}  // namespace phyllo::node
