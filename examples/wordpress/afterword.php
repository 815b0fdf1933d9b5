<?php
/**
 * Plugin Name: Afterword comments
 * Description: Shows the comments of an Afterword Worker in place of WordPress's own.
 * Version: 1.0
 * License: MIT
 */

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

// Address of your Worker.
const AFTERWORD_WORKER = 'http://localhost:8787';

// Themes ask WordPress for the template of the comments; this file is the answer. The post decides as before whether it has comments:
// with "Allow comments" switched off, nothing is shown.
add_filter(
	'comments_template',
	static function ( $template ) {
		return is_singular() && comments_open() ? __DIR__ . '/comments.php' : $template;
	}
);

// Block themes do not ask for a template: they have a block.
add_filter(
	'render_block_core/comments',
	static function ( $html ) {
		if ( ! is_singular() || ! comments_open() ) {
			return $html;
		}
		ob_start();
		require __DIR__ . '/comments.php';
		return ob_get_clean();
	}
);

// WordPress's own script would move a reply form that is no longer there.
add_action(
	'wp_enqueue_scripts',
	static function () {
		wp_dequeue_script( 'comment-reply' );
	},
	100
);
