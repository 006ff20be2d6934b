#include "reload/node_list.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace node_list_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::from_digits;
using testing::id;

namespace {

core::bytes written(const std::vector<node_id>& nodes) {
  core::bytes out;
  core::wire_writer w(out);
  write_nodes(w, nodes);
  return out;
}

std::optional<std::vector<node_id>> read(core::byte_view bytes) {
  core::wire_reader r(bytes);
  auto nodes = read_nodes(r);
  if (!r.done()) return std::nullopt;
  return nodes;
}

}  // namespace

TEST_CASE("a list of Node-IDs is its length in octets, and they in their order") {
  const std::vector nodes{id(2, 1), id(1, 9)};
  CHECK(written(nodes) == from_digits("0020 02000000000000000000000000000001 01000000000000000000000000000009"));
  CHECK(read(written(nodes)) == nodes);
  testing::check_reads_whole_only(written(nodes), read);
  CHECK(written({}) == from_digits("0000"));
  CHECK(read(written({}))->empty());
}

TEST_CASE("a list with a part of a Node-ID, or one that is never issued, is refused") {
  CHECK_FALSE(read(from_digits("000f 020000000000000000000000000000")).has_value());
  CHECK_FALSE(read(from_digits("0011 0200000000000000000000000000000100")).has_value());
  CHECK_FALSE(read(written({id(1), node_id{}})).has_value());
  node_id ones;
  ones.octets.fill(0xff);
  CHECK_FALSE(read(written({ones})).has_value());
}

TEST_CASE("a list has 256 Node-IDs at most") {
  CHECK(read(written(std::vector(node_ids_max, id(1))))->size() == node_ids_max);
  CHECK_FALSE(read(written(std::vector(node_ids_max + 1, id(1)))).has_value());
}

}  // namespace node_list_test
