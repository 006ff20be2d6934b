#include "files/web_files.hpp"

#include <doctest.h>

#include <algorithm>

#include "phyllo/identity/certificate_facts.hpp"
#include "phyllo/identity/web_certificate.hpp"
#include "support/run.hpp"
#include "support/simulated_world.hpp"
#include "support/temporary_directory.hpp"

namespace web_files_test {

using namespace phyllo;

namespace {

struct web_fixture {
  testing::temporary_directory d;
  testing::simulated_world world;
  node::configuration c;
  web_fixture() {
    c.node.data_directory = d.path();
    c.node.address = "10.0.0.7";
    c.node.advertised_address = "192.0.2.7";
    c.node.domains = {"example.com"};
  }
  core::error opening() {
    const auto opened = node::open_web_certificate(world.env(), c);
    REQUIRE_FALSE(opened);
    return opened.error();
  }
};

}  // namespace

TEST_CASE("phones may mean a node by the names of its certificate, and by those of its bootstrap servers") {
  testing::real_world world;
  node::configuration c;
  c.bootstrap.urls = {"https://node2.example.com/.well-known/reload-config", "https://[2001:db8::2]:10443/x", "not a URL"};
  const auto made = identity::make_web_certificate({"node1.example.com", "*.example.com"}, world.env->wall_now(), std::chrono::hours(24));
  const auto names = node::host_names_of(c, made.certificate_pem);
  for (const auto* name : {"node1.example.com", "*.example.com", "node2.example.com"}) {
    CAPTURE(name);
    CHECK(std::ranges::find(names, name) != names.end());
  }
  CHECK(names.size() == 4);
  CHECK(node::host_names_of({}, "no certificate").empty());
}

TEST_CASE_FIXTURE(web_fixture, "a node without a certificate makes one of its names, once, for itself alone") {
  CHECK_FALSE(node::read_web_certificate(c)->has_value());
  const auto made = node::open_web_certificate(world.env(), c);
  REQUIRE(made);
  const auto facts = identity::facts_of_pem(made->chain_pem);
  REQUIRE(facts);
  for (const auto* name : {"192.0.2.7", "10.0.0.7", "example.com"}) CHECK(std::ranges::find(facts->names, name) != facts->names.end());
  CHECK(transport::check(*made));
  CHECK(testing::mode_of(d.file("web-key.pem")) == 0600);
  CHECK(node::open_web_certificate(world.env(), c)->chain_pem == made->chain_pem);
  CHECK(node::read_web_certificate(c).value()->key_pem == made->key_pem);
}

TEST_CASE_FIXTURE(web_fixture, "a node that binds no address of its own has a certificate all the same") {
  c.node.address = "0.0.0.0";
  c.node.advertised_address.clear();
  c.node.domains.clear();
  CHECK(identity::facts_of_pem(node::open_web_certificate(world.env(), c)->chain_pem)->names == std::vector<std::string>{"localhost"});
}

TEST_CASE_FIXTURE(web_fixture, "an operator's files are read as they are, and one that is not there is named with its key") {
  c.tls.certificate = d.write("chain.pem", "the chain");
  c.tls.key = d.file("none.pem");
  CHECK(opening() == node::errc::configuration);
  CHECK(opening().detail().starts_with("tls.key: " + d.file("none.pem") + ": there is no such file"));
  c.tls.certificate = d.file("none either.pem");
  CHECK(opening().detail().find("tls.certificate: ") != std::string::npos);
  CHECK(opening().detail().find("\ntls.key: ") != std::string::npos);  // both at once
  c.tls.certificate = d.file("chain.pem");
  c.tls.key = d.write("key.pem", "the key");
  CHECK(node::open_web_certificate(world.env(), c)->chain_pem == "the chain");
  CHECK(node::open_web_certificate(world.env(), c)->key_pem == "the key");
}

TEST_CASE_FIXTURE(web_fixture, "anchors are PEM certificates, and what is none is named with its key and what to do") {
  const auto pem = identity::make_web_certificate({"192.0.2.1"}, world.wall_now(), std::chrono::hours(1)).certificate_pem;
  CHECK(node::read_anchors({d.write("a.pem", pem)}, "sip.anchors").value() == std::vector<std::string>{pem});
  CHECK(node::read_anchors({}, "sip.anchors")->empty());
  const auto bad = node::read_anchors({d.file("a.pem"), d.write("b.pem", "noise")}, "sip.anchors");
  REQUIRE_FALSE(bad);
  CHECK(bad.error() == node::errc::configuration);
  CHECK(bad.error().detail().starts_with("sip.anchors: " + d.file("b.pem")));
  CHECK(node::read_anchors({d.file("c.pem")}, "bootstrap.anchors").error().detail().starts_with("bootstrap.anchors: "));
}

}  // namespace web_files_test
