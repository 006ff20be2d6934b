#include "sip/own_names.hpp"

#include <doctest.h>

namespace own_names_test {

using namespace phyllo;
using namespace phyllo::sip;

namespace {

const own_names own{{"example.com"}, {"192.0.2.1", "[2001:db8::1]"}, 5060, 5061, {8080}};

uri to(const char* text) { return uri::parse(text).value(); }

}  // namespace

TEST_CASE("users of ours are named by domain, or by our address where there is one domain") {
  CHECK(own.user_of(uri::parse("sip:Bob@EXAMPLE.com;x=y").value()) == "Bob@example.com");
  CHECK(own.user_of(uri::parse("sip:bob@192.0.2.1").value()) == "bob@example.com");
  CHECK_FALSE(own.user_of(uri::parse("sip:bob@192.0.2.1:5999").value()));
  CHECK_FALSE(own.user_of(uri::parse("sip:example.com").value()));
  CHECK_FALSE(own.user_of(uri::parse("sip:bob@example.org").value()));
  auto called = own;
  called.hosts = {"node1.example.com", "*.example.com", "sip.example.net"};
  CHECK(called.user_of(uri::parse("sip:bob@NODE1.example.com").value()) == "bob@example.com");
  CHECK(called.callee_of(uri::parse("sip:bob@sip.example.net").value()) == "bob@example.com");
  // Who somebody is, neither another domain's name nor one that "*" stands for says.
  CHECK_FALSE(called.user_of(uri::parse("sip:bob@sip.example.net").value()));
  CHECK_FALSE(called.user_of(uri::parse("sip:bob@pbx.example.com").value()));
  CHECK_FALSE(called.callee_of(uri::parse("sip:bob@example.org").value()));
  const own_names two{{"example.com", "example.net"}, {"192.0.2.1"}, 5060, 5061};
  CHECK_FALSE(two.user_of(uri::parse("sip:bob@192.0.2.1").value()));
}

TEST_CASE("a telephone number is a user of the only domain, without its separators (RFC 3966)") {
  CHECK(own.user_of(to("tel:+49(30)123-4.5")) == "+493012345@example.com");
  CHECK(own.user_of(to("tel:+49301234;ext=1")) == "+49301234@example.com");
  CHECK(own.user_of(to("tel:1234;phone-context=+4930")) == "+49301234@example.com");
  CHECK(own.user_of(to("tel:1234;phone-context=Example.COM")) == "1234@example.com");
  CHECK_FALSE(own.user_of(to("tel:1234;phone-context=example.org")));
  const own_names two{{"example.com", "example.net"}, {"192.0.2.1"}};
  CHECK_FALSE(two.user_of(to("tel:+49301234")));
  CHECK(two.user_of(to("tel:1234;phone-context=example.net")) == "1234@example.net");
}

TEST_CASE("this node is meant by its address in any spelling and a port of SIP") {
  for (const auto* text :
       {"sip:192.0.2.1", "sip:x@192.0.2.1:5060", "sips:192.0.2.1", "sip:192.0.2.1:5061", "sip:[2001:DB8:0::1]", "sip:[::ffff:192.0.2.1]"})
    CHECK_MESSAGE(own.is_self(to(text)), std::string(text));
  for (const auto* text : {"sip:192.0.2.1:8080", "sip:192.0.2.2", "sip:example.com", "tel:+1"})
    CHECK_MESSAGE(!own.is_self(to(text)), std::string(text));
  via v;
  v.host = "192.0.2.1";
  CHECK(own.is_self(v));
  v.port = 5061;
  CHECK(own.is_self(v));
  v.port = 5062;
  CHECK_FALSE(own.is_self(v));
}

TEST_CASE("a proxy of ours is the domain, or a node at any port that is listened on") {
  for (const auto* text : {"sip:example.com", "sip:EXAMPLE.com:1234", "sip:192.0.2.1:8080", "sip:192.0.2.1"})
    CHECK_MESSAGE(own.is_proxy(to(text)), std::string(text));
  for (const auto* text : {"sip:192.0.2.1:8081", "sip:example.org", "sip:node.example.com", "tel:+1"})
    CHECK_MESSAGE(!own.is_proxy(to(text)), std::string(text));
}

TEST_CASE("another supernode's address is a node's, if this node knows of it") {
  auto ring = own;
  ring.is_supernode = [](const asio::ip::address& a) { return a == asio::ip::make_address("192.0.2.2"); };
  CHECK(ring.is_node("192.0.2.2"));
  CHECK_FALSE(ring.is_node("192.0.2.3"));
  CHECK(ring.user_of(to("sip:bob@192.0.2.2")) == "bob@example.com");
  CHECK_FALSE(ring.is_self(to("sip:192.0.2.2")));
  CHECK_FALSE(own.is_node("192.0.2.2"));
}

TEST_CASE("a pattern stands for one label, and a name that DNS has given is one to call by") {
  auto called = own;
  called.hosts = {"*.example.net"};
  called.is_found = [](const std::string& host) { return host == "sip.example.org"; };
  CHECK(called.is_called("a.EXAMPLE.net"));
  CHECK_FALSE(called.is_called("example.net"));
  CHECK_FALSE(called.is_called("a.b.example.net"));
  CHECK(called.is_called("SIP.example.org"));
  CHECK_FALSE(called.is_node("sip.example.org"));
  CHECK_FALSE(called.is_called("..."));
  CHECK(called.is_below_domain("a.b.example.com"));
  CHECK_FALSE(called.is_below_domain("example.com"));
  CHECK_FALSE(called.is_below_domain("badexample.com"));
}

TEST_CASE("a node's own URI names its transport, and port 5061 where that is secure") {
  CHECK(own_uri(own, "", protocol::udp, false) == "<sip:192.0.2.1:5060;lr>");
  CHECK(own_uri(own, "t", protocol::tcp, false) == "<sip:t@192.0.2.1:5060;transport=tcp;lr>");
  CHECK(own_uri(own, "t", protocol::tls, false) == "<sip:t@192.0.2.1:5061;transport=tls;lr>");
  CHECK(own_uri(own, "t", protocol::tls, true) == "<sips:t@192.0.2.1:5061;lr>");
  CHECK(own_uri(own, "t", protocol::ws, false) == "<sip:t@192.0.2.1:5060;transport=ws;lr>");
  CHECK(own_uri(own, "t", protocol::wss, false) == "<sip:t@192.0.2.1:5061;transport=ws;lr>");
}

TEST_CASE("a URI with an address leads there by its scheme, transport and port") {
  const auto udp = resolve(to("sip:a@192.0.2.7")).value();
  CHECK(udp.by == protocol::udp);
  CHECK(udp.at.text() == "192.0.2.7:5060");
  const auto tls = resolve(to("sip:a@[2001:db8::7];transport=TLS")).value();
  CHECK(tls.by == protocol::tls);
  CHECK(tls.at.text() == "[2001:db8::7]:5061");
  CHECK(resolve(to("sip:a@192.0.2.7:99;transport=tcp"))->at.port == 99);
  const auto sips = resolve(to("sips:a@192.0.2.7;transport=tcp")).value();  // s.26.2.2: of sips it is TLS over TCP
  CHECK(sips.by == protocol::tls);
  CHECK(sips.at.port == 5061);
  for (const auto* text : {"sip:a@example.com", "tel:+1", "sip:a@192.0.2.7;transport=sctp"})
    CHECK_MESSAGE(!resolve(to(text)), std::string(text));
}

TEST_CASE("all that a node answers to is spelled in one way") {
  own_names odd = own;
  odd.domains = {"Example.COM."};
  CHECK(odd.all() == std::vector<std::string>{"example.com", "192.0.2.1", "2001:db8::1"});
}

}  // namespace own_names_test
