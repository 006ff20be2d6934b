#include "files/bindings_file.hpp"

#include <doctest.h>

#include "support/temporary_directory.hpp"

namespace bindings_file_test {

using namespace phyllo;

namespace {

struct kept_file {
  testing::temporary_directory d;
  node::configuration c;
  kept_file() { c.node.data_directory = d.path(); }
};

}  // namespace

TEST_CASE_FIXTURE(kept_file, "bindings are written whole, then added to, and read back together") {
  CHECK(node::load_bindings(c).empty());
  REQUIRE(node::save_bindings(c, {"one\n", true}));
  REQUIRE(node::save_bindings(c, {"two\n", false}));
  CHECK(node::load_bindings(c) == "one\ntwo\n");
  REQUIRE(node::save_bindings(c, {"three\n", true}));
  CHECK(node::load_bindings(c) == "three\n");
  CHECK(testing::mode_of(d.file("bindings")) == 0600);
}

TEST_CASE_FIXTURE(kept_file, "where nothing has changed nothing is written, and where nobody is left that is") {
  REQUIRE(node::save_bindings(c, {"", false}));
  CHECK_FALSE(std::filesystem::exists(d.file("bindings")));
  REQUIRE(node::save_bindings(c, {"one\n", true}));
  REQUIRE(node::save_bindings(c, {"", true}));
  CHECK(node::load_bindings(c).empty());
  CHECK(std::filesystem::exists(d.file("bindings")));
}

TEST_CASE_FIXTURE(kept_file, "a directory that is gone is an error, and reads as nothing") {
  c.node.data_directory = d.file("none");
  CHECK_FALSE(node::save_bindings(c, {"one\n", true}));
  CHECK_FALSE(node::save_bindings(c, {"one\n", false}));
  CHECK(node::load_bindings(c).empty());
}

}  // namespace bindings_file_test
