#include "files/data_directory.hpp"

#include <doctest.h>

#include <filesystem>

#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace data_directory_test {

using namespace phyllo;

namespace {

struct fixture {
  testing::temporary_directory d;
  testing::real_world world;
  core::metrics metrics;
  node::configuration c;

  fixture() { c.node.data_directory = d.file("data"); }
  auto open() { return node::data_directory::open(*world.env, c, metrics, core::logger()); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a data directory is made, for its owner alone, and is one node's until that unlocks it") {
  const auto first = open();
  REQUIRE(first.has_value());
  CHECK((std::filesystem::status(c.node.data_directory).permissions() & std::filesystem::perms::others_all) ==
        std::filesystem::perms::none);
  const auto second = open();
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error() == node::errc::refused);
  (*first)->unlock();
  CHECK(open().has_value());
}

TEST_CASE_FIXTURE(fixture, "the records have one file, if the configuration names one") {
  const auto opened = open();
  REQUIRE(opened.has_value());
  auto* records = (*opened)->open_records();
  REQUIRE(records != nullptr);
  CHECK((*opened)->open_records() == records);
}

TEST_CASE_FIXTURE(fixture, "without overlay.records_file nothing keeps records") {
  c.overlay.records_file.clear();
  const auto opened = open();
  REQUIRE(opened.has_value());
  CHECK((*opened)->open_records() == nullptr);
}

}  // namespace data_directory_test
