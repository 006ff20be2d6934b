#include "phyllo/enrollment/overlay_authority.hpp"

#include <doctest.h>

#include "authority_in_directory.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace overlay_authority_test {

using namespace phyllo;
using fixture = testing::authority_in_directory;

TEST_CASE("an overlay's authority is made once, kept private, and found again") {
  fixture f;
  const auto made = enrollment::open_overlay_authority(*f.world.env, f.s).value();
  const auto found = enrollment::open_overlay_authority(*f.world.env, f.s).value();
  CHECK(made.ca.certificate_pem() == found.ca.certificate_pem());
  CHECK(made.signer.certificate == found.signer.certificate);
  for (const auto* name : {"ca/ca.pem", "ca/signer.pem"}) {
    const auto mode = std::filesystem::status(f.directory.file(name)).permissions();
    CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) == std::filesystem::perms::none);
  }
}

TEST_CASE("a file that is no authority is named, not replaced") {
  fixture f;
  std::filesystem::create_directory(f.directory.file("ca"));
  f.directory.write("ca/ca.pem", "garbage");
  const auto opened = enrollment::open_overlay_authority(*f.world.env, f.s);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error() == enrollment::errc::configuration);
  CHECK(opened.error().detail().find("ca/ca.pem") != std::string::npos);
  CHECK(testing::content_of(f.directory.file("ca/ca.pem")) == "garbage");
}

}  // namespace overlay_authority_test
