#include "settings/certificate_check.hpp"

#include <doctest.h>

#include <algorithm>
#include <map>

#include "phyllo/identity/web_certificate.hpp"
#include "support/temporary_directory.hpp"

namespace certificate_check_test {

using namespace phyllo;
using std::chrono::hours;

namespace {

// A login server's directory, in which each certificate ends at a time of its own.
struct fixture {
  testing::temporary_directory d;
  core::wall_time now = core::from_unix_milliseconds(1'767'225'600'000);
  node::configuration c;

  fixture() {
    std::filesystem::create_directory(d.file("ca"));
    c.node.data_directory = d.path();
    c.login.enabled = true;
    c.login.ca_directory = "ca";
    c.bootstrap.anchors = {d.write("later.pem", ends_in(70)), d.write("bootstrap.pem", ends_in(60))};
    c.sip.anchors = {d.write("sip.pem", ends_in(80)), d.write("later-sip.pem", ends_in(90))};
    d.write("ca/ca.pem", ends_in(200));
    d.write("ca/signer.pem", ends_in(150));
  }
  [[nodiscard]] std::string ends_in(int hours_from_now) const {
    return identity::make_web_certificate({"192.0.2.1"}, now, hours(hours_from_now)).certificate_pem;
  }
  // In hours from now, by name.
  [[nodiscard]] std::map<std::string, long> ends(std::string_view web, const std::vector<core::bytes>& roots) const {
    std::map<std::string, long> out;
    for (const auto& e : node::certificate_ends(c, web, roots)) {
      CHECK_MESSAGE(!out.contains(e.name), e.name);
      out[e.name] = std::chrono::duration_cast<hours>(e.at - now).count();
    }
    return out;
  }
};

core::bytes der_of(const std::string& pem) {
  const auto begin = pem.find('\n') + 1;
  auto text = pem.substr(begin, pem.find("-----END") - begin);
  std::erase(text, '\n');
  return core::from_base64(text).value();
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "each kind of certificate is told with its end, and of several of a kind the first that ends") {
  const auto found = ends(ends_in(30), {der_of(ends_in(120)), der_of(ends_in(100)), der_of(ends_in(110))});
  const std::map<std::string, long> expected{{"web", 30},     {"overlay_ca", 100},      {"ca", 200},
                                             {"signer", 150}, {"bootstrap_anchor", 60}, {"sip_anchor", 80}};
  CHECK(found == expected);
}

TEST_CASE_FIXTURE(fixture, "what has ended is told as such, and what is not there or no certificate is left out") {
  c.sip.anchors = {d.write("noise.pem", "noise"), d.file("none.pem"), d.write("ended.pem", ends_in(-5))};
  c.login.enabled = false;
  const std::map<std::string, long> expected{{"bootstrap_anchor", 60}, {"sip_anchor", -5}};
  CHECK(ends({}, {core::to_bytes("noise")}) == expected);
}

}  // namespace certificate_check_test
