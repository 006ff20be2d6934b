#include "files/pcap.hpp"

#include <doctest.h>

#include "phyllo/disk/errc.hpp"
#include "support/temporary_directory.hpp"

namespace pcap_test {

using namespace phyllo;

namespace {

const transport::endpoint from{asio::ip::make_address("127.0.1.1"), 6084};
const transport::endpoint to{asio::ip::make_address("127.0.1.2"), 50000};
const core::bytes frame{0x80, 0, 0, 0, 1, 0, 0, 2, 0xaa, 0xbb};

// Exported PDU: tag, length, value; big endian. Checked by hand against the form that Wireshark reads.
constexpr const char* tags =
    "000c0010"
    "72656c6f61642d6672616d696e670000"  // "reload-framing", padded
    "00140004"
    "7f000101"
    "00150004"
    "7f000102"
    "00180004"
    "00000003"  // UDP
    "00190004"
    "000017c4"
    "001a0004"
    "0000c350"
    "00000000";

}  // namespace

TEST_CASE("the file begins with the header of link type 252, exported PDUs") {
  CHECK(core::to_hex(node::pcap_file_header()) ==
        "d4c3b2a1"
        "02000400"
        "00000000"
        "00000000"
        "00000400"
        "fc000000");
}

TEST_CASE("a packet carries its time, the dissector's name, the addresses, and the frame as it was") {
  const auto at = core::from_unix_milliseconds(1'767'225'600'500);
  const auto packet = node::pcap_packet(from, to, transport::link_kind::dtls, frame, at);
  // 2026-01-01T00:00:00.5Z; 64 bytes of tags and 10 of frame.
  const auto length = std::string("4a000000");
  CHECK(core::to_hex(packet) ==
        "00b95569"
        "20a10700" +
            length + length + tags + core::to_hex(frame));
}

TEST_CASE("a TLS link's packet says TCP, and IPv6 addresses have tags of their own") {
  const transport::endpoint six{asio::ip::make_address("2001:db8::1"), 1};
  const auto hex = core::to_hex(node::pcap_packet(six, six, transport::link_kind::tls, frame, core::wall_time()));
  CHECK(hex.find("00160010"
                 "20010db8000000000000000000000001"
                 "00170010"
                 "20010db8000000000000000000000001") != std::string::npos);
  CHECK(hex.find("00180004"
                 "00000002") != std::string::npos);
}

TEST_CASE("a writer's packets are in the file after a flush, readable by the owner alone") {
  const testing::temporary_directory d;
  auto writer = node::pcap_writer::open(d.file("x.pcap"));
  REQUIRE(writer.has_value());
  const auto packet = node::pcap_packet(from, to, transport::link_kind::dtls, frame, core::wall_time());
  (*writer)->add(packet);
  (*writer)->flush();
  CHECK(testing::content_of(d.file("x.pcap")).size() == 24 + packet.size());
  CHECK((std::filesystem::status(d.file("x.pcap")).permissions() & std::filesystem::perms::others_all) == std::filesystem::perms::none);
  CHECK(node::pcap_writer::open(d.file("no/such.pcap")).error() == disk::errc::io);
}

TEST_CASE("a capture goes on in a new file where the old one was moved away, and behind what is in it where it was not") {
  const testing::temporary_directory d;
  auto writer = node::pcap_writer::open(d.file("x.pcap"));
  REQUIRE(writer.has_value());
  const auto packet = node::pcap_packet(from, to, transport::link_kind::dtls, frame, core::wall_time());
  (*writer)->add(packet);
  REQUIRE((*writer)->reopen());
  (*writer)->add(packet);
  std::filesystem::rename(d.file("x.pcap"), d.file("x.pcap.1"));
  (*writer)->add(packet);
  REQUIRE((*writer)->reopen());
  CHECK(testing::content_of(d.file("x.pcap.1")).size() == 24 + 3 * packet.size());
  CHECK(testing::content_of(d.file("x.pcap")).size() == 24);
  (*writer)->add(packet);
  (*writer)->flush();
  CHECK(testing::content_of(d.file("x.pcap")).size() == 24 + packet.size());
  CHECK(std::filesystem::status(d.file("x.pcap")).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("a capture that can not be opened anew goes on in its old file") {
  const testing::temporary_directory d;
  std::filesystem::create_directory(d.file("sub"));
  auto writer = node::pcap_writer::open(d.file("sub/x.pcap"));
  REQUIRE(writer.has_value());
  std::filesystem::rename(d.file("sub"), d.file("moved"));
  CHECK((*writer)->reopen().error() == disk::errc::io);
  (*writer)->add(frame);
  (*writer)->flush();
  CHECK(testing::content_of(d.file("moved/x.pcap")).size() == 24 + frame.size());
}

}  // namespace pcap_test
