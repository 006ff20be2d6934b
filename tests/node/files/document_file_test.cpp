#include "files/document_file.hpp"

#include <doctest.h>

#include <filesystem>

#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/trust.hpp"
#include "phyllo/node/anchor.hpp"
#include "support/authority_settings.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace document_file_test {

using namespace phyllo;

namespace {

// One operator with a CA of his own.
struct operator_of {
  testing::temporary_directory directory;
  enrollment::authority_settings settings;
  enrollment::overlay_authority authority;

  explicit operator_of(core::environment& env, const std::string& overlay = "overlay.example.com")
      : settings(testing::authority_settings(directory.path(), overlay)),
        authority(enrollment::open_overlay_authority(env, settings).value()) {}
  // Each the successor of the one before.
  identity::parsed_configuration document(core::environment& env, std::string pattern = {}) {
    settings.aor_domains.clear();
    if (!pattern.empty()) settings.aor_domains = {std::move(pattern)};
    return enrollment::current_document(env, settings, authority).value();
  }
};

// A node of that overlay.
struct fixture {
  testing::real_world world;
  core::environment& env = *world.env;
  testing::temporary_directory directory;
  node::configuration c;
  operator_of operator_a{env}, operator_b{env};

  fixture() {
    c.node.data_directory = directory.path();
    c.overlay.name = "overlay.example.com";
  }
  [[nodiscard]] core::status may(const identity::parsed_configuration& d) const { return node::may_adopt(c, d, env.wall_now()); }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a node that knows nothing takes the first document, and is pinned to its anchor once that is kept") {
  const auto first = operator_a.document(env);
  REQUIRE(may(first));
  CHECK_FALSE(node::load_anchor(c).value());  // asked, not adopted
  REQUIRE(node::keep_document(c, first));
  CHECK(node::load_anchor(c).value()->fingerprints == node::anchor_fingerprints(first.content));
  CHECK(node::kept_document(c, env.wall_now())->text == first.text);
  CHECK(may(first));
}

TEST_CASE_FIXTURE(fixture, "a document of another certificate authority is refused, with what to do") {
  REQUIRE(node::keep_document(c, operator_a.document(env)));
  const auto foreign = operator_b.document(env);
  const auto refused = may(foreign);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail().find("supernode anchor replace " + node::anchor_fingerprints(foreign.content).front()) !=
        std::string::npos);
  std::filesystem::remove(directory.file("document.xml"));  // the pin alone is enough
  CHECK(may(foreign).error() == node::errc::refused);
  CHECK(may(operator_a.document(env)));
}

TEST_CASE_FIXTURE(fixture, "a document that names the pinned anchor beside its own is refused: its signer is of the other") {
  const auto mine = operator_a.document(env);
  REQUIRE(node::keep_document(c, mine));
  auto content = operator_b.document(env).content;
  content.root_certificates.push_back(mine.content.root_certificates.front());
  content.sequence = 9;
  const auto text = identity::print(content, operator_b.authority.signer);
  const auto parsed = identity::parse_configuration(text, {}, env.wall_now()).value();  // good by itself
  CHECK_FALSE(may(parsed));
  std::filesystem::remove(directory.file("document.xml"));
  CHECK_FALSE(may(parsed));
}

TEST_CASE_FIXTURE(fixture, "a successor is taken, and an older document is not, whether the newer one is still there or not") {
  const auto first = operator_a.document(env);
  const auto second = operator_a.document(env, "example.com");
  REQUIRE(second.content.sequence > first.content.sequence);
  REQUIRE(node::keep_document(c, first));
  REQUIRE(may(second));
  REQUIRE(node::keep_document(c, second));
  CHECK(may(first).error() == identity::errc::older_document);
  std::filesystem::remove(directory.file("document.xml"));
  CHECK(may(first).error() == identity::errc::older_document);
  CHECK(may(second));
}

TEST_CASE_FIXTURE(fixture, "another overlay's document is refused") {
  operator_of elsewhere(env, "elsewhere.example.com");
  CHECK(may(elsewhere.document(env)).error() == node::errc::refused);
}

TEST_CASE_FIXTURE(fixture, "a kept document that is not the pinned anchor's does not serve") {
  REQUIRE(node::keep_document(c, operator_a.document(env)));
  directory.write("document.xml", operator_b.document(env).text);
  CHECK_FALSE(node::kept_document(c, env.wall_now()));
  directory.write("document.xml", "garbage");
  CHECK_FALSE(node::kept_document(c, env.wall_now()));
  CHECK(may(operator_a.document(env)));
}

TEST_CASE_FIXTURE(fixture, "a configured fingerprint is the pin before the first document, and must agree with it afterwards") {
  const auto document = operator_a.document(env);
  c.bootstrap.ca_fingerprint = node::anchor_fingerprints(operator_b.document(env).content).front();
  CHECK(may(document).error() == node::errc::refused);
  c.bootstrap.ca_fingerprint = node::anchor_fingerprints(document.content).front();
  REQUIRE(may(document));
  REQUIRE(node::keep_document(c, document));
  CHECK(node::load_anchor(c).value());
  c.bootstrap.ca_fingerprint = node::anchor_fingerprints(operator_b.document(env).content).front();
  CHECK(node::load_anchor(c).error() == node::errc::configuration);
}

TEST_CASE_FIXTURE(fixture, "replacing the anchor makes the node take the other overlay, and nothing of the former one stays") {
  REQUIRE(node::keep_document(c, operator_a.document(env)));
  directory.write("node.pem", "a certificate");
  directory.write("revocations", "a list");
  const auto other = operator_b.document(env);
  REQUIRE(node::replace_anchor(c, node::anchor_fingerprints(other.content).front()));
  CHECK(may(other));
  CHECK(may(operator_a.document(env)).error() == node::errc::refused);
  for (const auto* name : {"document.xml", "node.pem", "revocations"}) CHECK_FALSE(std::filesystem::exists(directory.file(name)));
}

TEST_CASE_FIXTURE(fixture, "an anchor file that is none is an error and no permission") {
  directory.write("anchor", "sha256:00\n");
  CHECK(may(operator_a.document(env)).error() == node::errc::configuration);
}

TEST_CASE_FIXTURE(fixture, "a certificate that is revoked, or of another authority, goes, and a good one stays") {
  const auto document = operator_a.document(env);
  identity::trust trust(c.overlay.name);
  REQUIRE(trust.update(document.content.root_certificates, {}));
  auto key = identity::private_key::generate();
  const auto now = env.wall_now();
  const auto issue = [&](const identity::authority& ca) {
    const auto certificate = ca.issue({identity::node_id{.octets = {7}},
                                       "bob@example.com",
                                       c.overlay.name,
                                       {},
                                       now - identity::certificates_dated_back - std::chrono::hours(1),
                                       now + std::chrono::hours(9),
                                       true},
                                      key.native())
                                 .value();
    directory.write("node.pem", certificate.pem() + key.pem());
  };
  issue(operator_a.authority.ca);
  node::forget_useless_credential(c, trust, now);
  CHECK(std::filesystem::exists(directory.file("node.pem")));
  auto& list = trust.revocations();
  auto next = list.succeed({{identity::revoked_user("bob@example.com"), identity::revoked_before(now)}}, 1, c.overlay.name,
                           operator_a.authority.signer)
                  .value();
  REQUIRE(list.seek(next.head));
  REQUIRE(list.apply(next.delta));
  node::forget_useless_credential(c, trust, now);
  CHECK_FALSE(std::filesystem::exists(directory.file("node.pem")));
  issue(operator_b.authority.ca);
  node::forget_useless_credential(c, trust, now);
  CHECK_FALSE(std::filesystem::exists(directory.file("node.pem")));
}

}  // namespace document_file_test
