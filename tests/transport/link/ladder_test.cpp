#include "transport/link/ladder.hpp"

#include <doctest.h>

#include <algorithm>

namespace ladder_test {

using namespace phyllo;
using namespace phyllo::transport;
using namespace std::chrono_literals;

namespace {

candidate at(link_kind kind, const char* text) { return {kind, *endpoint::parse(text)}; }

std::vector<rung> order(const std::vector<ladder_step>& steps) {
  std::vector<rung> out;
  for (const auto& s : steps) out.push_back(s.by);
  return out;
}

const std::vector<candidate> one_host{at(link_kind::tls, "192.0.2.1:6084"), at(link_kind::dtls, "192.0.2.1:6084")};

}  // namespace

TEST_CASE("one host is tried by its rungs in order, a stagger apart") {
  const auto steps = plan_ladder(one_host, {}, std::nullopt);
  CHECK(order(steps) == std::vector{rung::dtls, rung::tls, rung::https, rung::upgrade});
  for (std::size_t i = 0; i < steps.size(); ++i) CHECK(steps[i].after == i * stagger);
  CHECK(steps[2].at.text() == "192.0.2.1:443");
  CHECK(steps[3].at.text() == "192.0.2.1:80");
  for (const auto& s : steps) CHECK(s.node.text() == "192.0.2.1:6084");
}

TEST_CASE("a proxy adds its three rungs below, port 443 first") {
  ladder_options o;
  o.proxy = http_proxy{"proxy.example.com", 3128, {}, {}};
  const auto steps = plan_ladder(one_host, o, std::nullopt);
  CHECK(order(steps) ==
        std::vector{rung::dtls, rung::tls, rung::https, rung::upgrade, rung::proxy_https, rung::proxy_tls, rung::proxy_upgrade});
  o.proxy->exempt = {"192.0.2.1"};
  CHECK(plan_ladder(one_host, o, std::nullopt).size() == 4);
  o.proxy->exempt = {"192.0.2.2"};
  CHECK(plan_ladder(one_host, o, std::nullopt).size() == 7);
  o.proxy->exempt = {"*"};
  CHECK(plan_ladder(one_host, o, std::nullopt).size() == 4);
}

TEST_CASE("the remembered rung goes first, the others keep their order") {
  const auto steps = plan_ladder(one_host, {}, rung::https);
  CHECK(order(steps) == std::vector{rung::https, rung::dtls, rung::tls, rung::upgrade});
  CHECK(steps.front().after == 0ms);
}

TEST_CASE("a port that a candidate names already is not tried twice, and a port 0 not at all") {
  ladder_options o;
  o.http = 0;
  CHECK(order(plan_ladder({at(link_kind::tls, "192.0.2.1:443")}, o, std::nullopt)) == std::vector{rung::tls});
  const std::vector<candidate> doubled{one_host[0], one_host[0]};
  o.https = 0;
  CHECK(plan_ladder(doubled, o, std::nullopt).size() == 1);
}

TEST_CASE("further hosts begin a stagger later each, so that no host's last rung waits for all others' first") {
  std::vector<candidate> to;
  for (int i = 1; i <= 8; ++i) {
    const auto text = "192.0.2." + std::to_string(i) + ":6084";
    to.push_back(at(link_kind::dtls, text.c_str()));
    to.push_back(at(link_kind::tls, text.c_str()));
  }
  const auto steps = plan_ladder(to, {}, std::nullopt);
  CHECK(steps.size() == 32);
  CHECK(std::ranges::is_sorted(steps, {}, &ladder_step::after));
  const auto first_upgrade = std::ranges::find(steps, rung::upgrade, &ladder_step::by);
  CHECK(first_upgrade->after == 3 * stagger);
  CHECK(steps.back().after == (7 + 3) * stagger);
}

TEST_CASE("hosts that have DTLS come first") {
  ladder_options o;
  o.https = o.http = 0;
  const auto steps = plan_ladder({at(link_kind::tls, "192.0.2.1:6084"), at(link_kind::dtls, "192.0.2.2:6084")}, o, std::nullopt);
  CHECK(order(steps) == std::vector{rung::dtls, rung::tls});
  CHECK(steps[1].after == stagger);
}

TEST_CASE("more candidates than the race takes are left out") {
  std::vector<candidate> to;
  for (int i = 1; i <= 40; ++i) to.push_back(at(link_kind::tls, ("192.0.2." + std::to_string(i) + ":6084").c_str()));
  ladder_options o;
  o.https = o.http = 0;
  CHECK(plan_ladder(to, o, std::nullopt).size() == candidates_max);
}

TEST_CASE("a rung's name is read back") {
  for (std::size_t i = 0; i < rungs; ++i) CHECK(rung_of(text_of(static_cast<rung>(i))) == static_cast<rung>(i));
  CHECK_FALSE(rung_of("ladder"));
}

}  // namespace ladder_test
