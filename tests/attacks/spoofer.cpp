// A flood of UDP datagrams from spoofed addresses, for tests of a node on loopback: each datagram bears another source of 127.128/9.
//
//   spoofer KIND ADDRESS PORT[,PORT...] RATE SECONDS
//
// KIND is byte (one letter), sip (an OPTIONS each of its own), crlf, reach, hello (a ClientHello without proof), stun or noise. Says on
// each line how many it has sent, ten times a second; what the node answers is thrown away. It sends to no address but 127/8.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using steady = std::chrono::steady_clock;
constexpr std::size_t batch = 64;
constexpr std::size_t sockets = 8;  // each with a port of its own
constexpr std::uint32_t first_source = 0x7f800001;
constexpr std::uint32_t sources = 0x007f0000;

using octets = std::vector<std::uint8_t>;
using maker = std::function<void(std::uint32_t number, octets& out)>;

void put(octets& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

void put_hex(octets& out, std::string_view hex) {
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    std::uint8_t octet = 0;
    std::from_chars(hex.data() + i, hex.data() + i + 2, octet, 16);
    out.push_back(octet);
  }
}

void put_number(octets& out, std::uint32_t number, std::size_t octets_wanted) {
  for (std::size_t i = 0; i < octets_wanted; ++i) out.push_back(i < 4 ? static_cast<std::uint8_t>(number >> 8 * i) : 0x5a);
}

void make_sip(std::uint32_t number, octets& out) {
  std::array<char, 640> text{};
  const auto n =
      std::snprintf(text.data(), text.size(),
                    "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 127.200.0.1:9;branch=z9hG4bK%08x;rport\r\nMax-Forwards: 70\r\n"
                    "From: <sip:eve@elsewhere.example>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: flood-%08x\r\nCSeq: 1 OPTIONS\r\n"
                    "Content-Length: 0\r\n\r\n",
                    number, number);
  put(out, {text.data(), static_cast<std::size_t>(n)});
}

void make_binding(std::uint32_t number, octets& out, bool reach) {
  put_hex(out, reach ? "000100682112a442" : "000100002112a442");
  put_number(out, number, 12);
  if (!reach) return;
  put_hex(out, "c0f10064");
  out.resize(out.size() + 100);
}

void make_noise(std::uint32_t number, octets& out) {
  for (std::uint32_t i = 0; i < 100; ++i) out.push_back(static_cast<std::uint8_t>(0x80 | ((number + i) * 2654435761U >> 24)));
}

const std::map<std::string_view, maker> kinds{
    {"byte", [](std::uint32_t, octets& out) { put(out, "X"); }},
    {"sip", make_sip},
    {"crlf", [](std::uint32_t, octets& out) { put(out, "\r\n\r\n"); }},
    {"reach", [](std::uint32_t n, octets& out) { make_binding(n, out, true); }},
    {"hello",
     [](std::uint32_t, octets& out) {
       put_hex(out, "16fefd000000000000000000c8010000bc0000000000000000bcfefd");
       out.resize(out.size() + 185);
     }},
    {"stun", [](std::uint32_t n, octets& out) { make_binding(n, out, false); }},
    {"noise", make_noise},
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

class source {
 public:
  source() : fd_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    if (fd_ < 0) fail("socket");
    const int small = 4096;
    const int large = 4 << 20;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);  // answers fall on the floor, without ICMP
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&any), sizeof any) < 0) fail("bind");
  }

  // As many as `targets` and `datagrams` have, the first from the address of `number`.
  void send(std::uint32_t number, std::span<sockaddr_in> targets, std::span<octets> datagrams) {
    std::array<mmsghdr, batch> headers{};
    std::array<iovec, batch> slots{};
    std::array<std::array<char, CMSG_SPACE(sizeof(in_pktinfo))>, batch> control{};
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
      slots[i] = {datagrams[i].data(), datagrams[i].size()};
      auto& h = headers[i].msg_hdr;
      h.msg_name = &targets[i];
      h.msg_namelen = sizeof targets[i];
      h.msg_iov = &slots[i];
      h.msg_iovlen = 1;
      h.msg_control = control[i].data();
      h.msg_controllen = control[i].size();
      auto* c = CMSG_FIRSTHDR(&h);
      c->cmsg_level = IPPROTO_IP;
      c->cmsg_type = IP_PKTINFO;
      c->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
      in_pktinfo info{};
      info.ipi_spec_dst.s_addr = htonl(first_source + (number + static_cast<std::uint32_t>(i)) % sources);
      std::memcpy(CMSG_DATA(c), &info, sizeof info);
    }
    for (std::size_t sent = 0; sent < datagrams.size();) {  // each turn sends one, or ends
      const int n = ::sendmmsg(fd_, &headers[sent], static_cast<unsigned>(datagrams.size() - sent), 0);
      if (n <= 0) fail("sendmmsg");
      sent += static_cast<std::size_t>(n);
    }
  }

 private:
  int fd_;
};

std::vector<sockaddr_in> targets_of(const char* address, std::string_view ports) {
  std::vector<sockaddr_in> out;
  while (!ports.empty()) {
    const auto comma = ports.find(',');
    const auto one = ports.substr(0, comma);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::uint16_t port = 0;
    std::from_chars(one.data(), one.data() + one.size(), port);
    to.sin_port = htons(port);
    if (::inet_pton(AF_INET, address, &to.sin_addr) != 1 || ntohl(to.sin_addr.s_addr) >> 24 != 127 || port == 0) {
      std::fputs("an address of 127/8 and its ports are wanted\n", stderr);
      std::exit(2);
    }
    out.push_back(to);
    ports = comma == std::string_view::npos ? std::string_view() : ports.substr(comma + 1);
  }
  return out;
}

void flood(const maker& make, const std::vector<sockaddr_in>& to, double rate, double seconds) {
  std::vector<source> from(sockets);
  std::array<octets, batch> datagrams;
  std::array<sockaddr_in, batch> targets{};
  const auto began = steady::now();
  double told = 0;
  std::uint32_t sent = 0;
  for (double passed = 0; passed < seconds; passed = std::chrono::duration<double>(steady::now() - began).count()) {
    if (passed >= told) {
      std::printf("%u\n", sent);
      std::fflush(stdout);
      told += 0.1;
    }
    if (sent > passed * rate) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      continue;
    }
    for (std::size_t i = 0; i < batch; ++i) {
      datagrams[i].clear();
      make(sent + static_cast<std::uint32_t>(i), datagrams[i]);
      targets[i] = to[(sent + i) % to.size()];
    }
    from[sent / batch % sockets].send(sent, targets, datagrams);
    sent += batch;
  }
  std::printf("%u\n", sent);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> given(argv + 1, argv + argc);
  const auto kind = given.size() == 5 ? kinds.find(given[0]) : kinds.end();
  if (kind == kinds.end()) {
    std::fputs("usage: spoofer byte|sip|crlf|reach|hello|stun|noise ADDRESS PORT[,PORT...] RATE SECONDS\n", stderr);
    return 2;
  }
  flood(kind->second, targets_of(given[1].c_str(), given[2]), std::atof(given[3].c_str()), std::atof(given[4].c_str()));
  return 0;
}
