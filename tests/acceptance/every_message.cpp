// Writes a capture with every message that our encoders make, as a node's own capture has them: requests, answers and errors of every
// code, with the values of every Kind, whole and in fragments.
//
//   every-message FILE [SEED [all-forms|chord]]     all-forms: those that Wireshark 4.0 can not read, too; chord: with CHORD-RELOAD's
//   bodies
#include <cstdlib>
#include <iostream>

#include "node/files/pcap.hpp"
#include "overlay/support/chord_generator.hpp"
#include "transport/link/fragmentation.hpp"
#include "transport/link/frame.hpp"

using namespace phyllo;

namespace {

constexpr int of_each = 12;
constexpr std::size_t datagram_max = 1200;

class capture {
 public:
  explicit capture(std::unique_ptr<node::pcap_writer> to) : to_(std::move(to)) {}

  void add(core::byte_view message, bool forth, transport::link_kind kind) {
    const transport::endpoint a{asio::ip::make_address("192.0.2.1"), 6084};
    const transport::endpoint b{asio::ip::make_address("192.0.2.2"), 6084};
    std::vector<core::bytes> parts{core::to_bytes(message)};
    if (kind == transport::link_kind::dtls) parts = transport::fragment(message, datagram_max);
    for (const auto& part : parts) {
      ++sequence_;
      to_->add(node::pcap_packet(forth ? a : b, forth ? b : a, kind, transport::encode_data(sequence_, part), now()));
      to_->add(node::pcap_packet(forth ? b : a, forth ? a : b, kind, transport::encode_ack(sequence_, 1), now()));
    }
    fragments += parts.size() > 1 ? parts.size() : 0;
    ++messages;
  }
  void flush() { to_->flush(); }

  std::size_t messages = 0, fragments = 0;

 private:
  core::wall_time now() { return core::from_unix_milliseconds(1'767'225'600'000 + ++milliseconds_); }

  std::unique_ptr<node::pcap_writer> to_;
  std::uint32_t sequence_ = 0;
  std::uint64_t milliseconds_ = 0;
};

core::bytes sealed(testing::message_generator& g, overlay::forwarding_header h, const overlay::message_contents& m) {
  return h.message(overlay::seal_payload(m, h.overlay, h.transaction_id, g.self()));
}

using contents_maker = overlay::message_contents (*)(testing::message_generator& g, std::uint16_t code);

overlay::message_contents pastry_contents(testing::message_generator& g, std::uint16_t code) { return g.contents(code); }

// A request and its answer, or an error in the answer's place.
void exchange(testing::message_generator& g, contents_maker contents, capture& out, std::uint16_t code, bool refused) {
  auto request = g.header(true);
  auto answer = g.header(false);
  answer.transaction_id = request.transaction_id;
  answer.options.clear();
  const auto kind = g.coin() ? transport::link_kind::dtls : transport::link_kind::tls;
  out.add(sealed(g, request, contents(g, code)), true, kind);
  const auto answering = refused ? overlay::code::error : static_cast<std::uint16_t>(code + 1);
  out.add(sealed(g, answer, contents(g, answering)), false, kind);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: every-message FILE [SEED [all-forms|chord]]\n";
    return 2;
  }
  auto writer = node::pcap_writer::open(argv[1]);
  if (!writer) {
    std::cerr << writer.error().message() << '\n';
    return 1;
  }
  const auto seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  testing::message_generator g(seed);
  const std::string_view forms = argc > 3 ? argv[3] : "";
  g.keyed_fetches = g.absent_values = forms == "all-forms";
  const contents_maker contents = forms == "chord" ? testing::chord_contents : pastry_contents;
  capture out(std::move(*writer));
  for (const auto code : testing::message_generator::codes()) {
    if (!overlay::is_request(code)) continue;
    for (int i = 0; i < of_each; ++i) exchange(g, contents, out, code, i % 4 == 3);
  }
  out.flush();
  std::cout << "seed " << seed << ": " << out.messages << " messages, " << out.fragments << " fragments\n";
  return 0;
}
