#include "sip/transaction_layer.hpp"

#include "simulated_transport.hpp"
#include "sip/message_fields.hpp"

namespace transaction_layer_test {

using namespace phyllo;
using namespace std::chrono_literals;
using heard = std::vector<std::string>;
using testing::transaction_pair;

TEST_CASE("a request is answered, and both transactions end") {
  transaction_pair pair;
  pair.answer_with(200);
  pair.send("OPTIONS");
  pair.world.run_for(1s);
  CHECK(pair.callee.heard == heard{"OPTIONS"});
  CHECK(pair.caller.heard == heard{"200"});
  CHECK(pair.client.size() == 1);
  CHECK(pair.server.size() == 1);
  pair.world.run_for(40s);
  CHECK(pair.client.size() == 0);
  CHECK(pair.server.size() == 0);
  CHECK(pair.callee.ended == 1);
}

TEST_CASE("the user hears of a request and of its answer once, whatever is lost and sent again") {
  transaction_pair pair;
  pair.answer_with(200);
  int requests = 0, responses = 0;
  pair.client_wire.lose = [&](const std::string&) { return ++requests <= 2; };
  pair.server_wire.lose = [&](const std::string&) { return ++responses <= 2; };
  pair.send("OPTIONS");
  pair.world.run_for(60s);
  CHECK(pair.client_wire.count("OPTIONS") == 5);
  CHECK(pair.server_wire.count("SIP/2.0 200") == 3);
  CHECK(pair.callee.heard == heard{"OPTIONS"});
  CHECK(pair.caller.heard == heard{"200"});
}

TEST_CASE("a request that nobody answers times out after 64*T1") {
  transaction_pair pair;
  pair.client_wire.lose = [](const std::string&) { return true; };
  pair.send("OPTIONS");
  pair.world.run_for(31s);
  CHECK(pair.caller.heard.empty());
  pair.world.run_for(2s);
  CHECK(pair.caller.heard == heard{"timeout"});
  CHECK(pair.client.size() == 0);
}

TEST_CASE("an INVITE gets a 100 by itself when its user is slow") {
  transaction_pair pair;
  pair.send("INVITE");
  pair.world.run_for(1s);
  CHECK(pair.caller.heard == heard{"100"});
  CHECK(pair.client_wire.count("INVITE") == 1);
}

TEST_CASE("a refused INVITE is acknowledged below the user") {
  transaction_pair pair;
  pair.answer_with(486);
  pair.send("INVITE");
  pair.world.run_for(1s);
  CHECK(pair.caller.heard == heard{"486"});
  CHECK(pair.callee.heard == heard{"INVITE"});
  CHECK(pair.client_wire.count("ACK") == 1);
  CHECK(pair.server_wire.count("SIP/2.0 486") == 1);
  pair.world.run_for(60s);
  CHECK(pair.client.size() == 0);
  CHECK(pair.server.size() == 0);
}

TEST_CASE("a refusal whose ACK is lost is sent and acknowledged again") {
  transaction_pair pair;
  pair.answer_with(486);
  int acks = 0;
  pair.client_wire.lose = [&](const std::string& text) { return text.starts_with("ACK") && ++acks == 1; };
  pair.send("INVITE");
  pair.world.run_for(60s);
  CHECK(pair.server_wire.count("SIP/2.0 486") == 2);
  CHECK(pair.client_wire.count("ACK") == 2);
  CHECK(pair.caller.heard == heard{"486"});
  CHECK(pair.server.size() == 0);
}

TEST_CASE("every 2xx to an INVITE reaches the user, and the ACK passes through both layers") {
  transaction_pair pair;
  sip::server_id invite{};
  std::optional<sip::message> ok;
  pair.callee.serve = [&](sip::server_id id, const sip::message& request) {
    invite = id;
    ok = request.reply(200, {}, "callee");
    pair.server.reply(id, ok->copy());
  };
  pair.send("INVITE");
  pair.world.run_for(500ms);
  pair.server.reply(invite, ok->copy());
  pair.world.run_for(500ms);
  CHECK(pair.caller.heard == heard{"200", "200"});
  auto ack =
      sip::message::request("ACK", "sip:bob@192.0.2.2", "<sip:alice@192.0.2.1>;tag=a", "<sip:bob@192.0.2.2>;tag=callee", "call-1", 1);
  sip::destination to;
  to.at = {asio::ip::make_address("192.0.2.2"), 5060};
  CHECK(pair.client.send_stateless(std::move(*ack), to));
  pair.world.run_for(1s);
  CHECK(pair.callee.heard == heard{"INVITE", "ACK"});
  pair.world.run_for(60s);
  CHECK(pair.server.size() == 0);
  CHECK(pair.client.size() == 0);
}

TEST_CASE("a CANCEL waits for the first provisional response and matches its INVITE") {
  transaction_pair pair;
  sip::server_id invite{};
  pair.callee.serve = [&](sip::server_id id, const sip::message&) { invite = id; };
  pair.callee.serve_cancel = [&](sip::server_id cancel, sip::server_id matched) {
    pair.server.reply(cancel, 200);
    pair.server.reply(matched, 487);
  };
  const auto id = pair.send("INVITE");
  pair.client.cancel(id);
  CHECK(pair.client_wire.count("CANCEL") == 0);
  pair.world.run_for(1s);
  CHECK(pair.client_wire.count("CANCEL") == 1);
  CHECK(pair.callee.cancelled == invite);
  CHECK(pair.caller.heard == heard{"100", "487"});
  CHECK(pair.callee.heard == heard{"INVITE", "CANCEL"});
  pair.world.run_for(60s);
  CHECK(pair.client.size() == 0);
  CHECK(pair.server.size() == 0);
}

TEST_CASE("a cancelled INVITE that stays unanswered times out 64*T1 after its CANCEL") {
  transaction_pair pair;
  pair.callee.serve = [&](sip::server_id id, const sip::message&) { pair.server.reply(id, 180); };
  pair.callee.serve_cancel = [&](sip::server_id cancel, sip::server_id) { pair.server.reply(cancel, 200); };
  const auto id = pair.send("INVITE");
  pair.world.run_for(10s);
  pair.client.cancel(id);
  pair.client.cancel(id);
  pair.world.run_for(31s);
  CHECK(pair.caller.heard == heard{"180"});
  pair.world.run_for(2s);
  CHECK(pair.caller.heard == heard{"180", "timeout"});
  CHECK(pair.client_wire.count("CANCEL") == 1);
}

TEST_CASE("Timer C cancels an INVITE that rings for too long") {
  transaction_pair pair;
  pair.callee.serve = [&](sip::server_id id, const sip::message&) { pair.server.reply(id, 180); };
  pair.callee.serve_cancel = [&](sip::server_id cancel, sip::server_id invite) {
    pair.server.reply(cancel, 200);
    pair.server.reply(invite, 487);
  };
  pair.send("INVITE");
  pair.world.run_for(184s);
  CHECK(pair.client_wire.count("CANCEL") == 0);
  pair.world.run_for(3s);
  CHECK(pair.caller.heard == heard{"180", "timer C", "487"});
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

TEST_CASE("a request over 1300 bytes goes by TCP, and by UDP when TCP fails") {
  transaction_pair pair;
  pair.answer_with(200);
  pair.send("MESSAGE", sip::protocol::udp, 1400);
  pair.world.run_for(1s);
  REQUIRE(pair.client_wire.sent.size() == 1);
  CHECK(pair.client_wire.sent[0].second.find("Via: SIP/2.0/TCP") != std::string::npos);
  CHECK(pair.caller.heard == heard{"200"});

  transaction_pair lame;
  lame.answer_with(200);
  lame.client_wire.no_streams = true;
  lame.send("MESSAGE", sip::protocol::udp, 1400);
  lame.world.run_for(1s);
  REQUIRE(lame.client_wire.sent.size() == 2);
  CHECK(lame.client_wire.sent[1].second.find("Via: SIP/2.0/UDP") != std::string::npos);
  CHECK(lame.caller.heard == heard{"200"});
}

TEST_CASE("a stream that fails is told as a transport error, and ends the transaction") {
  transaction_pair pair;
  pair.client_wire.no_streams = true;
  pair.send("OPTIONS", sip::protocol::tcp);
  pair.world.run_for(1s);
  CHECK(pair.caller.heard == heard{"transport error"});
  CHECK(pair.client.size() == 0);
}

TEST_CASE("beyond the bound of the table a new request gets 503 and no transaction") {
  sip::transaction_options o;
  o.transactions_max = 2;
  transaction_pair pair(o);
  pair.send("OPTIONS");
  pair.send("INFO");
  auto third = sip::message::request("UPDATE", "sip:b@c", "<sip:a@b>;tag=1", "<sip:b@c>", "i", 1);
  CHECK(pair.client.send_request(std::move(*third), {}).error() == sip::errc::overloaded);
  pair.world.run_for(100ms);
  CHECK(pair.server.size() == 2);
  const auto text =
      "OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKthird\r\nFrom: <sip:a@b>;tag=1\r\nTo: "
      "<sip:c@d>\r\n"
      "Call-ID: i\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
  pair.server_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  CHECK(pair.server_wire.count("SIP/2.0 503") == 1);
  CHECK(pair.metrics.drops().at("sip_overloaded") == 1);
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

TEST_CASE("a response that answers nothing of ours, or whose sent-by is not ours, is dropped and counted") {
  transaction_pair pair;
  pair.send("OPTIONS");
  const auto branch = std::string(top_via(testing::parse_sip(pair.client_wire.sent.at(0).second))->branch);
  const auto arrive = [&](const std::string& via) {
    const auto text = "SIP/2.0 200 OK\r\nVia: " + via +
                      "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: call-1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    pair.client_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.2"), 5060});
  };
  arrive("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnever");
  arrive("SIP/2.0/UDP 192.0.2.9:5060;branch=" + branch);
  CHECK(pair.caller.heard.empty());
  CHECK(pair.metrics.drops().at("sip_stray_response") == 2);
  arrive("SIP/2.0/UDP 192.0.2.1:5060;branch=" + branch);
  CHECK(pair.caller.heard == heard{"200"});
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

TEST_CASE("ten thousand transactions end by one driver") {
  transaction_pair pair;
  pair.answer_with(200);
  for (int i = 0; i < 10'000; ++i) pair.send("OPTIONS");
  pair.world.run_for(60s);
  CHECK(pair.caller.heard.size() == 10'000);
  CHECK(pair.client.size() + pair.server.size() == 0);
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

}  // namespace transaction_layer_test
