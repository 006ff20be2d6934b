#include "sip/transaction_layer_server.hpp"

#include "simulated_transport.hpp"

namespace transaction_layer_server_test {

using namespace phyllo;
using namespace std::chrono_literals;
using heard = std::vector<std::string>;
using testing::transaction_pair;

TEST_CASE("an INVITE gets a 100 by itself when its user is slow") {
  transaction_pair pair;
  pair.send("INVITE");
  pair.world.run_for(1s);
  CHECK(pair.caller.heard == heard{"100"});
  CHECK(pair.client_wire.count("INVITE") == 1);
}

TEST_CASE("a CANCEL without its INVITE is told apart") {
  transaction_pair pair;
  const auto text =
      "CANCEL sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKlost\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
      "Call-ID: i\r\nCSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n";
  pair.server_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  CHECK(pair.callee.heard == heard{"CANCEL"});
  CHECK(pair.callee.cancelled == sip::server_id::none);
}

TEST_CASE("strangers do not fill the last fifth of the table, which phones that have proved themselves go on using") {
  sip::transaction_options o;
  o.transactions_max = 10;
  transaction_pair pair(o);
  const auto invite = [&](int i) {
    const auto text = "INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK" + std::to_string(i) +
                      "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: " + std::to_string(i) +
                      "\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
    pair.server_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  };
  pair.server_wire.strangers = true;
  for (int i = 0; i < 12; ++i) invite(i);
  CHECK(pair.server.size() == 8);
  CHECK(pair.metrics.drops().at("sip_overloaded") == 4);
  pair.server_wire.strangers = false;
  for (int i = 12; i < 15; ++i) invite(i);
  CHECK(pair.server.size() == 10);
  CHECK(pair.metrics.drops().at("sip_overloaded") == 5);
}

TEST_CASE("a malformed request is refused without a transaction, and a malformed ACK is not answered") {
  transaction_pair pair;
  for (const auto* method : {"OPTIONS", "ACK"}) {
    const auto text = std::string(method) + " sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\r\nCSeq: 1 " + method +
                      "\r\nContent-Length: 0\r\n\r\n";
    pair.server_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  }
  CHECK(pair.server_wire.sent.size() == 1);
  CHECK(pair.server_wire.count("SIP/2.0 400 Bad Request - From") == 1);
  CHECK(pair.server.size() == 0);
  CHECK(pair.metrics.drops().at("sip_malformed_request") == 2);
}

TEST_CASE("a request that came twice by different ways is merged") {
  transaction_pair pair;
  const auto arrive = [&](const char* branch) {
    const auto text = std::string("OPTIONS sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=") + branch +
                      "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: i\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    pair.server_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  };
  arrive("z9hG4bKone");
  REQUIRE(pair.callee.requests.size() == 1);
  CHECK_FALSE(pair.server.merged(pair.callee.requests[0]));
  arrive("z9hG4bKtwo");
  REQUIRE(pair.callee.requests.size() == 2);
  CHECK(pair.server.merged(pair.callee.requests[1]));
}

TEST_CASE("an RFC 2543 client's INVITE, retransmission and ACK are matched without a branch") {
  transaction_pair pair;
  pair.answer_with(486);
  const auto arrive = [&](const char* method, const char* to) {
    const auto text = std::string(method) +
                      " sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060\r\nFrom: <sip:a@b>;tag=1\r\nTo: " + to +
                      "\r\nCall-ID: i\r\nCSeq: 1 " + method + "\r\nContent-Length: 0\r\n\r\n";
    pair.server_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  };
  arrive("INVITE", "<sip:b@192.0.2.2>");
  arrive("INVITE", "<sip:b@192.0.2.2>");
  CHECK(pair.server_wire.count("SIP/2.0 486") == 2);
  arrive("ACK", "<sip:b@192.0.2.2>;tag=x");
  CHECK(pair.callee.heard == heard{"INVITE"});
  pair.world.run_for(6s);
  CHECK(pair.server.size() == 0);
}

TEST_CASE("a flood of requests from strangers keeps a bounded number of answers, and each newcomer is answered") {
  transaction_pair pair;
  pair.answer_with(200);
  pair.server_wire.strangers = true;
  const auto most = sip::transaction_options().strangers_answered_max;
  for (std::size_t i = 0; i < 3 * most; ++i) {
    const auto number = std::to_string(i);
    pair.server_wire.arrive("OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK" + number +
                                "\r\nMax-Forwards: 70\r\nFrom: <sip:eve@elsewhere.example>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: " +
                                number + "\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
                            sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  }
  CHECK(pair.callee.requests.size() == 3 * most);
  CHECK(pair.server_wire.count("SIP/2.0 200") == 3 * most);
  CHECK(pair.server.size() == most);
  CHECK(pair.callee.ended == 2 * most);
  pair.world.run_for(40s);
  CHECK(pair.server.size() == 0);
}

}  // namespace transaction_layer_server_test
